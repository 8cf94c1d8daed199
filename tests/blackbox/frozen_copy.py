#!/usr/bin/env python3
"""Runs SQL on a copy of a live database: frozen_copy.py DATA_DIR SQL

The server is stopped (SIGSTOP) while its files are copied and goes on afterwards. A copy of files that are being
written is torn: a checkpoint between copying the database and its WAL looks like damage that is not there. What is
copied here is what a crash at that moment would leave, and the copy is opened by the sqlite3 program, never the
live files."""
import glob, os, shutil, signal, subprocess, sys, tempfile


def holders(path):
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            names = (os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))
            if any(name == path for name in names):
                found.add(int(pid))
        except OSError:
            pass                                   # it ended meanwhile, or is not ours
    return found


def stopped(pid):
    return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T"


database = os.path.realpath(os.path.join(sys.argv[1], "manero.db"))
pids = holders(database)
with tempfile.TemporaryDirectory() as copy:
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        while not all(stopped(pid) for pid in pids):
            pass                                   # SIGSTOP takes effect within microseconds
        for file in glob.glob(database + "*"):
            if not file.endswith(".lock"):
                shutil.copy(file, copy)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    sys.exit(subprocess.run(["sqlite3", os.path.join(copy, "manero.db"), sys.argv[2]]).returncode)
