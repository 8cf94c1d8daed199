#!/usr/bin/env python3
"""(h) Put the data directory on a small file system (tmpfs or loop ext4, needs root; or --mode fsize: RLIMIT_FSIZE),
fill it while leads are posted, and check: no unexpected status (only `full_ok`), the process lives, pages are still
served, nothing acknowledged is lost, writes work again within --recover s after space is freed (no restart), the
database is sound, and a restart while full comes up and serves pages."""
from bb import *
from collections import Counter
import resource


def run():
    a = args(__doc__, mode=dict(default="tmpfs", choices=["tmpfs", "ext4", "fsize"]), size_mb=dict(type=int, default=24), seconds=dict(type=float, default=4), recover=dict(type=float, default=5), fsize_mb=dict(type=int, default=1), restart_full=dict(action="store_true"))
    conf = tomllib.load(open(a.config, "rb"))
    mnt = os.path.realpath(workdir(a.config, conf)) + ".mnt"
    img = mnt + ".img"
    os.makedirs(mnt, exist_ok=True)
    sh = lambda *c: subprocess.run(c, check=True, capture_output=True)
    mounted = False
    try:
        try:
            if a.mode == "tmpfs": sh("mount", "-t", "tmpfs", "-o", f"size={a.size_mb}m", "tmpfs", mnt); mounted = True
            elif a.mode == "ext4":
                with open(img, "wb") as f: f.truncate(a.size_mb << 20)
                sh("mkfs.ext4", "-q", "-F", "-m", "0", img); sh("mount", "-o", "loop", img, mnt); mounted = True
            else:
                shutil.rmtree(mnt); os.makedirs(mnt)
        except (subprocess.CalledProcessError, OSError) as e:
            raise CannotRun(f"mount: {e}")
        t = Target(a.config, into=mnt)
        pre = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (a.fsize_mb << 20, a.fsize_mb << 20))) if a.mode == "fsize" else None
        t.log = mnt.replace(".mnt", ".log"); open(t.log, "w").close()
        if pre: t.log = "/dev/null"
        t.start(preexec=pre)
        path = t.c.get("load_path", t.c.get("ready_path", "/health"))
        acked, st, full = [], Counter(), {}
        full_ok = set(t.c.get("full_ok", [503, 507]))

        def post(n, big=True):
            for _ in range(n):
                uid = new_id()
                try:
                    r = t.lead(uid, src=loop_ip())
                    st[r.status] += 1
                    if t.lead_ok(r.status): acked.append(uid)
                    else: full[r.status] = full.get(r.status, 0) + 1
                except OSError as e:
                    st[type(e).__name__] += 1
                    if not t.alive(): return
        post(30)
        if not acked: raise CannotRun(f"no lead accepted before filling: {dict(st)} {t.logtail()}")
        filler = os.path.join(mnt, "bb-filler")
        if a.mode != "fsize":
            fd = os.open(filler, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
            for n in (65536, 4096, 512):
                try:
                    while os.write(fd, b"\0" * n) == n: pass
                except OSError: pass
            os.close(fd)
        end, page = NOW() + a.seconds, Counter()
        pre_full = len(acked)
        while NOW() < end and t.alive():
            post(20)
            try: page[t.http("GET", path, src=loop_ip()).status] += 1
            except OSError as e: page[type(e).__name__] += 1
        alive = t.alive()
        hit = sum(full.values())
        for _ in range(40 if a.mode != "fsize" else 0):     # make sure the disk truly filled
            if hit or not t.alive(): break
            post(200); hit = sum(full.values())
        integ_full, restarted = None, None
        if a.restart_full and alive:
            t.stop()
            try:
                t.start(); restarted = "served pages while full"
            except CannotRun as e:
                restarted = f"did not start while full: {e}"[:300]
        if a.mode != "fsize": os.unlink(filler)
        t0, rec = NOW(), None
        while a.mode != "fsize" and NOW() - t0 < a.recover and t.alive():
            uid = new_id()
            try:
                r = t.lead(uid, src=loop_ip())
                if t.lead_ok(r.status): acked.append(uid); rec = NOW() - t0; break
            except OSError: pass
            time.sleep(0.05)
        t.stop() if t.alive() else None
        t.start()
        got = Counter(t.listed())
        lost = [i for i in acked if not got[i]]; dup = [i for i in got if got[i] > 1]
        integ = t.integrity(); t.stop()
        verdict("disk_full", {
            "disk_really_filled": (hit > 0 or not alive, dict(st)), "alive_while_full": (alive, alive),
            "refusals_are_clean": (set(full) <= full_ok and not any(isinstance(k, str) for k in st), f"{dict(st)}, allowed {sorted(full_ok)}"),
            "pages_served_while_full": (set(page) == {200}, dict(page)), "no_acked_lead_lost": (not lost, lost[:3] or 0), "no_lead_twice": (not dup, dup[:3] or 0),
            "recovers_without_restart": (a.mode == "fsize" or rec is not None, f"{rec and round(rec, 2)} s, limit {a.recover}"), "database_sound": (integ in ("ok", "not configured"), integ),
            "restart_while_full": (not a.restart_full or restarted == "served pages while full", restarted),
        }, {"seed": a.seed, "acked": len(acked), "acked_while_full": len(acked) - pre_full, "mode": a.mode})
    finally:
        for x in ALL:
            if x.proc is not None: x.kill9()
        if mounted:
            for _ in range(20):
                if subprocess.run(["umount", mnt], capture_output=True).returncode == 0: break
                time.sleep(0.2)
        if os.path.exists(img): os.unlink(img)


main(run)
