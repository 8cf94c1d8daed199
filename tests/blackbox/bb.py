"""Shared helpers of the black-box reliability programs. Python 3.11, standard library only.

Everything the programs know about the server under test comes from one TOML file (see README.md).
Every program prints one JSON object on stdout and exits 0 (pass), 1 (fail) or 2 (could not run).
"""
from __future__ import annotations
import argparse, json, os, random, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time, tomllib, urllib.parse

NOW = time.monotonic


ALL = []


class CannotRun(Exception):
    pass


def args(desc, **extra):
    p = argparse.ArgumentParser(description=desc)
    p.add_argument("config", help="target TOML")
    p.add_argument("--seed", type=int, default=None, help="random seed (printed in the report)")
    for k, v in extra.items():
        p.add_argument("--" + k.replace("_", "-"), **v)
    a = p.parse_args()
    a.seed = a.seed if a.seed is not None else random.SystemRandom().randrange(1 << 31)
    random.seed(a.seed)
    return a


def workdir(path, conf):
    """the work directory of a target file: its `workdir`, else one of this user's under the temporary directory."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return conf.get("workdir") or os.path.join(tempfile.gettempdir(), f"blackbox-{os.getuid()}-{stem}")


class Target:
    def __init__(self, path, into=None, fresh=True):
        with open(path, "rb") as f:
            self.c = tomllib.load(f)
        self.confdir = os.path.dirname(os.path.abspath(path))
        self.dir = os.path.realpath(into or workdir(path, self.c))
        if fresh and not into:
            shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir, exist_ok=True)
        u = urllib.parse.urlsplit(self.c["base_url"])
        self.scheme, self.host = u.scheme, u.hostname
        self.port = u.port or (443 if u.scheme == "https" else 80)
        self.hosthdr = self.c.get("host_header", u.netloc)
        self.proc = None
        ALL.append(self)
        self.log = os.path.join(self.dir if not into else self.confdir, "server.log") if not self.c.get("log") else self.sub(self.c["log"])
        if into:
            self.log = os.path.join(tempfile.gettempdir(), f"bb-server-{os.getpid()}.log")
        self.logs_start = 0

    # -- configuration -------------------------------------------------------------------------
    def sub(self, s):
        if isinstance(s, str):
            return s.replace("{dir}", self.dir).replace("{here}", self.confdir).replace("{port}", str(self.port)).replace("{py}", sys.executable)
        if isinstance(s, list):
            return [self.sub(x) for x in s]
        if isinstance(s, dict):
            return {k: self.sub(v) for k, v in s.items()}
        return s

    def routes(self):
        return self.c.get("routes", [{"method": "GET", "path": self.c.get("ready_path", "/health")}])

    # -- process -------------------------------------------------------------------------------
    def start(self, extra_env=None, prefix=None, wait=True, preexec=None):
        argv = (prefix or []) + self.sub(self.c["start"])
        if wait:
            t0 = NOW()
            while True:                              # a dying predecessor may hold the port for a moment
                try:
                    socket.create_connection((self.host, self.port), 1).close()
                except OSError:
                    break
                if NOW() - t0 > 4:
                    raise CannotRun(f"port {self.port} is already served by another process")
                time.sleep(0.05)
        env = dict(os.environ)
        env.update({k: str(v) for k, v in self.sub(self.c.get("env", {})).items()})
        env.update(extra_env or {})
        logf = open(self.log, "ab")
        self.proc = subprocess.Popen(argv, cwd=self.sub(self.c.get("cwd", self.dir)), env=env, stdin=subprocess.DEVNULL,
                                     stdout=logf, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=preexec)
        logf.close()
        if wait:
            return self.wait_ready()

    def wait_ready(self, timeout=None):
        t0, timeout = NOW(), timeout or self.c.get("ready_timeout", 20)
        while NOW() - t0 < timeout:
            if self.proc and self.proc.poll() is not None:
                raise CannotRun(f"server exited {self.proc.returncode} while starting; log tail: {self.logtail()}")
            try:
                r = self.http("GET", self.c.get("ready_path", "/health"), timeout=2)
                if r.status == self.c.get("ready_status", 200):
                    return NOW() - t0
            except OSError:
                pass
            time.sleep(0.02)
        raise CannotRun(f"server not ready in {timeout}s; log tail: {self.logtail()}")

    def logtail(self, n=600):
        try:
            return open(self.log, "rb").read()[-n:].decode("utf-8", "replace")
        except OSError:
            return ""

    def group(self):
        """pids of the whole process group (supervisor, workers)."""
        out = []
        for p in os.listdir("/proc"):
            if p.isdigit():
                try:
                    if os.getpgid(int(p)) == self.proc.pid and open(f"/proc/{p}/stat").read().rsplit(")", 1)[1].split()[0] != "Z":
                        out.append(int(p))
                except OSError:
                    pass
        return out

    def kill9(self):
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.proc.wait()
        t0 = NOW()
        while self.group() and NOW() - t0 < 3:      # the children too must be gone before the port is free
            time.sleep(0.01)

    def stop(self, timeout=30):
        if not self.proc:
            return 0.0
        t0 = NOW()
        if self.proc.poll() is None:
            os.kill(self.proc.pid, getattr(signal, "SIG" + self.c.get("stop_signal", "TERM")))
            try:
                self.proc.wait(timeout)
            except subprocess.TimeoutExpired:
                pass
        self.kill9()
        return NOW() - t0

    def alive(self):
        return self.proc is not None and self.proc.poll() is None

    def rss(self):
        t = 0
        for p in self.group():
            try:
                t += int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{p}/status").read())[1])
            except (OSError, TypeError):
                pass
        return t  # KiB

    def cpu(self):
        t = 0
        for p in self.group():
            try:
                f = open(f"/proc/{p}/stat").read().rsplit(")", 1)[1].split()
                t += int(f[11]) + int(f[12])
            except OSError:
                pass
        return t / os.sysconf("SC_CLK_TCK")

    def fds(self):
        n = 0
        for p in self.group():
            try:
                n += len(os.listdir(f"/proc/{p}/fd"))
            except OSError:
                pass
        return n

    # -- network -------------------------------------------------------------------------------
    def connect(self, timeout=5, src=None, rcvbuf=None):
        s = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.settimeout(timeout)
        try:
            if src:
                s.bind((src, 0))
            s.connect((self.host, self.port))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.scheme == "https":
                cx = ssl.create_default_context()
                cx.check_hostname, cx.verify_mode = False, ssl.CERT_NONE
                s = cx.wrap_socket(s, server_hostname=self.host)
        except BaseException:
            s.close()
            raise
        return s

    def build(self, method, path, headers=None, body=b"", close=True):
        h = {"Host": self.hosthdr, "User-Agent": "bb/1", "Accept": "*/*"}
        h.update(self.c.get("headers", {}))
        h.update(headers or {})
        if body or method in ("POST", "PUT", "PATCH"):
            h.setdefault("Content-Length", str(len(body)))
        h["Connection"] = "close" if close else "keep-alive"
        lines = [f"{method} {path} HTTP/1.1"]
        for k, v in h.items():
            for x in v if isinstance(v, list) else [v]:
                lines.append(f"{k}: {x}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body

    def http(self, method, path, headers=None, body=b"", timeout=10, src=None, sock=None, keep=False):
        s = sock or self.connect(timeout, src)
        try:
            s.settimeout(timeout)
            s.sendall(self.build(method, path, headers, body, close=not keep))
            return read_response(s, method, timeout)
        finally:
            if not keep:
                s.close()

    def lead(self, uid, src=None, timeout=10, extra=None, sock=None, keep=False):
        L = self.c["lead"]
        rep = lambda o: o.replace("{id}", uid) if isinstance(o, str) else {k: rep(v) for k, v in o.items()} if isinstance(o, dict) else [rep(x) for x in o] if isinstance(o, list) else o
        if "form" in L:
            body, ct = urllib.parse.urlencode(rep(L["form"])).encode(), "application/x-www-form-urlencoded"
        else:
            body, ct = json.dumps(rep(L["json"])).encode(), "application/json"
        h = {"Content-Type": ct, **rep(L.get("headers", {})), **(extra or {})}
        return self.http(L.get("method", "POST"), L["path"], h, body, timeout, src, sock, keep)

    def lead_ok(self, status):
        return status in self.c["lead"].get("ok", [200, 201, 202])

    def listed(self):
        """ids stored, one per line, from the configured command (any text around the id is fine)."""
        cmd = self.sub(self.c["lead"]["list_cmd"])
        r = subprocess.run(cmd, capture_output=True, text=True, timeout=120)
        if r.returncode:
            raise CannotRun(f"list_cmd failed: {r.stderr[:300]}")
        return re.findall(r"bb[0-9a-f]{16}", r.stdout)

    def integrity(self):
        cmd = self.sub(self.c["lead"].get("integrity_cmd", []))
        if not cmd:
            return "not configured"
        r = subprocess.run(cmd, capture_output=True, text=True, timeout=300)
        return r.stdout.strip() or r.stderr.strip()


class Resp:
    def __init__(self, status, reason, headers, body, raw_head):
        self.status, self.reason, self.headers, self.body, self.raw_head = status, reason, headers, body, raw_head

    def get(self, name, default=None):
        v = self.all(name)
        return v[0] if v else default

    def all(self, name):
        return [v for k, v in self.headers if k.lower() == name.lower()]


class Truncated(OSError):
    pass


class ClosedBeforeResponse(OSError):
    pass


def read_response(s, method="GET", timeout=10, buf=b""):
    end = NOW() + timeout

    def more():
        nonlocal buf
        left = end - NOW()
        if left <= 0:
            raise TimeoutError("response timed out")
        s.settimeout(left)
        d = s.recv(65536)
        if d:
            buf += d
        return bool(d)

    while b"\r\n\r\n" not in buf:
        if not more():
            if buf:
                raise Truncated(f"closed inside the response head: {buf[:80]!r}")
            raise ClosedBeforeResponse("closed before any byte of a response")
    head, _, buf = buf.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    m = re.match(r"HTTP/1\.[01] (\d{3}) ?(.*)", lines[0])
    if not m:
        raise Truncated(f"not an HTTP/1 response: {lines[0][:80]!r}")
    status = int(m[1])
    headers = [(k.strip(), v.strip()) for k, _, v in (l.partition(":") for l in lines[1:])]
    if 100 <= status < 200 and status != 101:
        return read_response(s, method, end - NOW(), buf)
    H = {k.lower(): v for k, v in headers}
    body = b""
    if method == "HEAD" or status in (204, 304):
        pass
    elif "chunked" in H.get("transfer-encoding", "").lower():
        while True:
            while b"\r\n" not in buf:
                if not more():
                    raise Truncated("closed inside a chunk size")
            line, _, buf = buf.partition(b"\r\n")
            n = int(line.split(b";")[0], 16)
            while len(buf) < n + 2:
                if not more():
                    raise Truncated("closed inside a chunk")
            body += buf[:n]
            buf = buf[n + 2:]
            if n == 0:
                break
    elif "content-length" in H:
        n = int(H["content-length"])
        while len(buf) < n:
            if not more():
                raise Truncated(f"body {len(buf)}/{n} bytes")
        body = buf[:n]
    else:
        while more():
            pass
        body = buf
    return Resp(status, m[2], headers, body, head)


def new_id(rnd=random):
    return "bb%016x" % rnd.getrandbits(64)


def loop_ip(rnd=random):
    """a random source address inside 127/8: a per-IP limit on the server sees a new client."""
    return f"127.{rnd.randint(1, 250)}.{rnd.randint(0, 250)}.{rnd.randint(1, 250)}"


def pct(xs, q):
    xs = sorted(xs)
    return None if not xs else xs[min(len(xs) - 1, int(q / 100 * len(xs)))]


def verdict(name, checks, info):
    """checks: {name: (ok, detail)}"""
    ok = all(v[0] for v in checks.values())
    print(json.dumps({"test": name, "pass": ok, "failed": [k for k, v in checks.items() if not v[0]],
                      "checks": {k: {"ok": bool(v[0]), "detail": v[1]} for k, v in checks.items()}, "info": info}, indent=1, default=str))
    sys.exit(0 if ok else 1)


def main(fn):
    try:
        _main(fn)
    finally:
        for t in ALL:
            if t.proc is not None:
                t.kill9()


def _main(fn):
    try:
        fn()
    except CannotRun as e:
        print(json.dumps({"test": os.path.basename(sys.argv[0]), "pass": None, "cannot_run": str(e)}, indent=1))
        sys.exit(2)
