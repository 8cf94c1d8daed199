#!/usr/bin/env python3
"""Prints a report of these programs (a file) for people: a line per check, or why the program could not run."""
import json, sys

try:
    with open(sys.argv[1]) as f:
        report = json.load(f)
except ValueError:
    sys.exit("  no report: the program itself failed")
if "cannot_run" in report:
    print("  could not run:", report["cannot_run"])
for name, check in report.get("checks", {}).items():
    detail = check["detail"] if isinstance(check["detail"], str) else json.dumps(check["detail"], ensure_ascii=False)
    if check["ok"] and len(detail) > 100:
        detail = detail[:97] + "..."
    print(f"  {'ok  ' if check['ok'] else 'FAIL'} {name}: {detail}")
