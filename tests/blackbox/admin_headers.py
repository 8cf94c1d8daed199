#!/usr/bin/env python3
"""(g) Response headers of the dashboard, behind https. Becomes the owner of a fresh site through the set-up link, brings a few
things in, and asks for every address of src/admin/accounts/pages_policy.rs: as the owner, as nobody, as another site's page,
and sends each form without its token. Every answer of each is held against the list in `faults`."""
from bb import *
import headers_audit as audit

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/admin/accounts/pages_policy.rs")
ROW = re.compile(r'^ *\("(GET|POST)", "(/admin[^"]*)", (\w+)', re.M)
PASSWORD = "four quiet words that nobody knows"
MADE_UP = "0199f1c2-0000-7000-8000-000000000000"
DOWNLOADS = ("/admin/leads.csv", "/admin/audit.csv", "/admin/leads/<id>/export", "/admin/privacy/<id>/export")
EVIL = "https://evil.example"


class Browser:
    def __init__(self, t):
        self.t, self.cookies, self.set, self.page = t, {}, [], ""

    def send(self, method, path, fields=None, headers=None, cookies=None):
        h = {"X-Forwarded-Proto": "https", "Accept-Encoding": "br", "Sec-Fetch-Site": "same-origin"}
        kept = self.cookies if cookies is None else cookies
        if kept:
            h["Cookie"] = "; ".join(f"{k}={v}" for k, v in kept.items())
        body = b""
        if method == "POST":
            h |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{self.t.hosthdr}"}
            body = urllib.parse.urlencode(fields or {}, doseq=True).encode()
        return self.t.http(method, path, {**h, **(headers or {})}, body)

    def take(self, r):
        for c in r.all("set-cookie"):
            name, _, value = c.split(";")[0].partition("=")
            self.set.append(c)
            if value and "max-age=0" not in c.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return r

    def get(self, path):
        return self.take(self.send("GET", path, headers={"Accept-Encoding": "identity"}))

    def form(self, path, fields):
        """sends a form of a page, with the token that every page of this session has"""
        at = self.get("/admin").body.decode()
        csrf = re.search(r'name="csrf" content="([^"]+)"', at)
        if not csrf:
            raise CannotRun(f"/admin shows no token: {at[:200]}")
        r = self.take(self.send("POST", path, {"_csrf": csrf[1], **fields}))
        if r.status not in (200, 303):
            raise CannotRun(f"POST {path} answers {r.status}")
        return r


def rows():
    with open(TABLE) as f:
        found = ROW.findall(f.read())
    if len(found) < 100:
        raise CannotRun(f"{TABLE} lists {len(found)} addresses")
    return found


def faults(r, downloads=False, html=True):
    """what is wrong with the headers of an answer of the dashboard"""
    out, h = [], lambda n: (r.get(n) or "").lower()
    if r.status >= 500: out.append(f"answers {r.status}")
    if h("cache-control") != "no-store": out.append(f"Cache-Control: {h('cache-control') or 'none'}")
    for n in ("etag", "last-modified", "expires", "access-control-allow-origin", "x-powered-by", "server-timing"):
        if r.get(n): out.append(f"{n}: {r.get(n)}")
    if re.search(r"\d", h("server")): out.append(f"Server: {h('server')}")
    csp = audit.parse_csp(r.all("content-security-policy"))
    for d in ("default-src", "frame-ancestors", "base-uri"):
        if csp.get(d) != {"'none'"}: out.append(f"CSP {d} is {csp.get(d)}")
    if csp.get("form-action") != {"'self'"}: out.append(f"CSP form-action is {csp.get('form-action')}")
    for d, sources in csp.items():
        more = sources - {"'none'", "'self'", "data:"}
        if more or ("data:" in sources and d != "img-src"): out.append(f"CSP {d} lets {more or 'data:'} in")
    for n, want in (("x-content-type-options", ("nosniff",)), ("x-frame-options", ("deny",)),
                    ("referrer-policy", ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")),
                    ("cross-origin-opener-policy", ("same-origin",)), ("cross-origin-resource-policy", ("same-origin",)),
                    ("cross-origin-embedder-policy", ("require-corp",))):
        if h(n) not in want: out.append(f"{n}: {h(n) or 'none'}")
    if not h("permissions-policy"): out.append("no Permissions-Policy")
    if audit.hsts_test(h("strict-transport-security"), True)[1] < 0: out.append(f"HSTS: {h('strict-transport-security') or 'none'}")
    kind = h("content-type")
    if downloads and r.status == 200:
        if not h("content-disposition").startswith("attachment; filename="): out.append(f"shown, not kept: {h('content-disposition')}")
        if "html" in kind: out.append(f"a download of type {kind}")
    elif r.body and html and r.status not in (303, 302) and not kind.startswith(("text/html; charset=utf-8", "image/")):
        out.append(f"Content-Type: {kind}")
    for c in r.all("set-cookie"):
        at = {p.strip().split("=")[0].lower(): p.strip().partition("=")[2].lower() for p in c.split(";")[1:]}
        name = c.split("=")[0]
        if not name.startswith("__Host-"): out.append(f"cookie {name} without __Host-")
        if "secure" not in at or "httponly" not in at or at.get("path") != "/" or "domain" in at: out.append(f"cookie {name}: {sorted(at)}")
        if at.get("samesite") not in ("lax", "strict"): out.append(f"cookie {name}: SameSite={at.get('samesite')}")
    return out


def owner(t):
    b = Browser(t)
    link = re.search(r"/admin/set-up/[\w-]+", open(t.log).read())
    if not link:
        raise CannotRun("the log shows no set-up link")
    before = b.send("GET", link[0])
    again = b.send("POST", link[0], {"email": "x", "password": "short"})
    r = b.take(b.send("POST", link[0], {"name": "Ana", "email": "ana@example.com", "password": PASSWORD, "again": PASSWORD}))
    if r.status != 200 or not b.cookies:
        raise CannotRun(f"the set-up answers {r.status}")
    return b, {"set-up page": before, "set-up refused": again, "set-up done": r, "set-up link used again": b.send("GET", link[0])}


def fill(b):
    for n in range(3):
        b.t.lead(f"bb{n:016x}", extra={"X-Forwarded-Proto": "https"})
    b.form("/admin/redirects", {"from": "/old-home", "to": "/"})
    b.form("/admin/webhooks", {"url": "https://hooks.example.com/x", "everything": "yes"})
    b.form("/admin/privacy", {"email": "bb0000000000000001@example.com", "kind": "access", "received": time.strftime("%Y-%m-%d")})


def crawl(b):
    """addresses that links of the dashboard lead to, one for each row of the table"""
    table = [(p, re.compile("^" + re.sub(r"<\w+>", "[^/]+", p.replace(".", r"\.")) + "$")) for m, p, _ in rows() if m == "GET"]
    known, fresh, asked = {}, ["/admin"], set()
    while fresh:
        path = fresh.pop()
        asked.add(path)
        for href in re.findall(r'(?:href|src)="(/admin[^"#]*)"', b.get(path).body.decode("utf-8", "replace")):
            href = href.replace("&amp;", "&")
            row = min((p for p, rx in table if rx.match(href.split("?")[0])), key=lambda p: p.count("<"), default=None)
            if row and row not in known:
                known[row] = href
                if row not in DOWNLOADS:
                    fresh.append(href)
    return known


def run():
    a = args(__doc__)
    t = Target(a.config)
    t.start()
    checks = {}
    def say(name, r, **more):
        found = faults(r, **more)
        checks[name] = (not found, found or r.status)
    b, answers = owner(t)
    for name, r in answers.items():
        say(name, r)
    fill(b)
    known = crawl(b)
    made = lambda p: re.sub(r"<\w+>", MADE_UP, p)
    bodies, real = b"", 0
    for method, path, whom in rows():
        if method == "POST":
            r = b.send("POST", made(path), {"_csrf": "x", "kept": "what was typed"})
            say(f"POST {path} without its token", r)
            checks[f"POST {path} is refused"] = (whom == "Public" or r.status in (403, 404, 409, 415, 422), r.status)
            say(f"POST {path} of nobody", b.send("POST", made(path), {"kept": "x"}, cookies={}))
            continue
        real += path in known
        r = b.send("GET", known.get(path, made(path)), headers={"Accept-Encoding": "identity"})
        bodies += r.body
        say(f"GET {path}", r, downloads=path in DOWNLOADS)
        say(f"GET {path} of nobody", b.send("GET", made(path), cookies={}))
        checks[f"GET {path} to another site"] = ((x := b.send("GET", known.get(path, made(path)), headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Accept-Encoding": "br, gzip"})).get("content-encoding") is None and not x.get("access-control-allow-origin"), x.get("content-encoding") or x.get("access-control-allow-origin") or x.status)
    gets = sum(m == "GET" for m, _, _ in rows())
    checks["most addresses were asked for something that is there"] = (real >= gets * 0.8, f"{real} of {gets}")
    secret = b.cookies["__Host-manero"]
    checks["no page shows the cookie"] = (secret.encode() not in bodies, len(bodies))
    packed = b.send("GET", "/admin/leads")
    checks["a page of ours is sent in brotli"] = (packed.get("content-encoding") == "br", packed.get("content-encoding"))
    say("a missing page", b.send("GET", "/admin/there-is-no-such-page"))

    # Log-in and log-out.
    wrong = b.send("POST", "/admin/log-in", {"email": "ana@example.com", "password": "not it"}, cookies={})
    say("log-in refused", wrong)
    checks["a refused log-in sets no session"] = (not any(c.startswith("__Host-manero=") for c in wrong.all("set-cookie")), wrong.all("set-cookie"))
    two = Browser(t)
    entered = two.take(two.send("POST", "/admin/log-in", {"email": "ana@example.com", "password": PASSWORD}, cookies={}))
    say("log-in", entered)
    checks["each log-in has a cookie of its own"] = (two.cookies.get("__Host-manero") not in (None, secret), entered.status)
    old = dict(two.cookies)
    left = two.form("/admin/log-out", {})
    say("log-out", left)
    checks["log-out takes the cookie back"] = ("__Host-manero" not in two.cookies, left.all("set-cookie"))
    r = two.send("GET", "/admin", cookies=old)
    checks["the old cookie opens nothing"] = (r.status == 303 and "/admin/log-in" in (r.get("location") or ""), r.status)
    plain = b.send("GET", "/admin", headers={"X-Forwarded-Proto": "http"})
    checks["over http there is nothing but the way to https"] = (plain.status in (301, 308) and (plain.get("location") or "").startswith("https://") and not plain.all("set-cookie"), plain.status)
    checks["every cookie that was set"] = (bool(b.set), sorted({c.split("=")[0] for c in b.set + two.set}))
    if t.proc: t.stop()
    verdict("admin_headers", checks, {"asked": known})


if __name__ == "__main__":
    main(run)
