#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sums a ctest run for scripts/test.sh: each test by what it did, and what was skipped by name and reason.

usage: sum_tests.py JUNIT_XML [FOLDER]

FOLDER holds what runners of live tests told (tests/support/results.py); their single tests count in place of the
one test that ctest saw. Prints lines: "passed N", "skipped N TEST: REASON", "note TEXT" (a part of a test that was
left out), "failed NAME".
"""
import collections
import json
import re
import sys
import xml.etree.ElementTree
from pathlib import Path

SKIPPED = re.compile(r"SKIPPED: (.*)")
LEFT_OUT = re.compile(r"LEFT OUT: (.*)")


def read_ctest(path):
    """(passed, {(test, reason): how often skipped}, notes, failed) of a JUnit file of ctest; live tests by name."""
    passed, skipped, notes, failed = [], collections.Counter(), [], []
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name, output = case.get("name"), case.findtext("system-out") or ""
        mark = case.find("skipped")
        notes += [f"{name}: {text.strip()}" for text in LEFT_OUT.findall(output)]
        # A test says by its exit code or a line that it skips; one that could not be started "did not run" too.
        if mark is not None and mark.get("message", "").startswith("SKIP_"):
            found = SKIPPED.search(output)
            skipped[name, found.group(1).strip() if found else "no reason given"] += 1
        elif case.get("status") == "run":
            passed.append(name)
            # One test of many cases, some of which skipped.
            skipped.update((name, text.strip()) for text in SKIPPED.findall(output))
        else:
            failed.append(name)
    return passed, skipped, notes, failed


def main():
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    if not Path(sys.argv[1]).is_file():
        return 0
    passed, skipped, notes, failed = read_ctest(sys.argv[1])
    count = len(passed)
    for file in sorted(Path(sys.argv[2]).glob("*.json")) if len(sys.argv) == 3 else []:
        told = json.loads(file.read_text(encoding="utf-8"))
        names = {"live:" + file.stem, file.stem + ":corpus", "sanitized:" + file.stem}
        count += told["passed"] - len(names.intersection(passed))
        failed = [name for name in failed if name not in names] + told["failed"]
        for text in told["skipped"]:
            name, _, reason = text.partition("): ")
            skipped[name.removesuffix(")").replace(" (", " of ", 1), reason] += 1
    print("passed", count)
    for (name, reason), number in sorted(skipped.items()):
        print(f"skipped {number} {name}: {reason}")
    for note in notes:
        print("note", note)
    for name in failed:
        print("failed", name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
