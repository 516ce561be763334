#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds what corotrace says of the corpus in cases/ against the comments there, on every interpreter found.

usage: run.py --corotrace PROGRAM [-j N] [--only ID]... [--show]

All cases run in one process per interpreter, and those that say something of it once more with the lines noted that
create coroutines. The last line has the totals.
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(TESTS), str(HERE)]

import expectations
from support.corotrace import Corotrace
from support.results import tell_results
from support.target_process import TargetProcess

CUT = "not all was read, to keep the stop short"
# What is said where an exception left a function and neither of both could be found: that depends on what a thread's
# stack holds by chance.
IN_PART = "an exception left the code that held "
TRIES = 4
FLAGS = ("--every", "--max-pause-share", "100", "--origin")


def find_interpreters():
    script = TESTS.parent / "scripts/find_interpreters.py"
    found = subprocess.run([sys.executable, str(script), "--json", "--missing"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout), found.stderr.splitlines()


def observe(binary, interpreter, folder, origin, names=()):
    """(cases with how many drops each made, cases whose library is missing, findings in order). `names`: of all cases
    only these."""
    inside = "/" + str(folder.relative_to(interpreter["root"])) if interpreter["root"] else str(folder)
    with TargetProcess([*interpreter["argv"], inside + "/mistakes/target.py", *names]) as target:
        target.expect("ready")
        with Corotrace(binary, "attach", "-p", target.pid, "-f", "jsonl", *FLAGS, origin) as corotrace:
            corotrace.wait_event("attached")
            target.say("go")
            done = target.until("done")
            result = corotrace.stop()
        target.end()
    return done["cases"], done["missing"], result.drops("finding")


def copy_corpus(interpreter):
    """Below the interpreter's root, if it has one, for it cannot see ours."""
    folder = tempfile.TemporaryDirectory(dir=Path(interpreter["root"]) / "tmp" if interpreter["root"] else None)
    for name in ("mistakes", "targets"):
        shutil.copytree(TESTS / name, Path(folder.name) / name, ignore=shutil.ignore_patterns("__pycache__"))
    os.chmod(folder.name, 0o755)
    return folder


def check(binary, interpreter, show):
    """What is wrong, one line each, how many cases there were, and how many had no library. A busy machine may end a
    look at a stopped thread before all was read; the finding says so, and then everything is tried again."""
    for _ in range(TRIES):
        told, cases, missing, was_cut = check_once(binary, interpreter, show)
        if not was_cut:
            break
        print(f"{interpreter['id']}: tried again, for {told[0]}", flush=True)
    return told, cases, missing


def check_once(binary, interpreter, show):
    """The same, and whether a finding that is wrong was cut short."""
    wanted = expectations.parse_all()
    with_origin = [f"{module}.{name}" for module, cases in wanted.items() for name, case in cases.items()
                   if case.has_origin_keys]
    with copy_corpus(interpreter) as folder:
        cases, missing, findings = observe(binary, interpreter, Path(folder), "off")
        again, _, noted = observe(binary, interpreter, Path(folder), "10", with_origin)
    told, was_cut = compare(interpreter, wanted, cases, findings, False, show)
    told_again, was_cut_again = compare(interpreter, wanted, again, noted, True, show)
    return told + told_again, len(cases), len(missing), was_cut or was_cut_again


def compare(interpreter, wanted, cases, findings, origin, show):
    minor = int(interpreter["version"].split(".")[1])
    told, was_cut = [], False
    how = " with origins" if origin else ""
    total = sum(count for _, _, count in cases)
    if total != len(findings):
        told.append(f"{total} drops in truth, {len(findings)} findings")
    first = 0
    for module, name, count in cases:
        expectation = wanted[module][name]
        if count == 0:
            told.append(f"{module}.{name}: nothing was dropped")
        mine, first = findings[first:first + count], first + count
        for finding in mine:
            if show:
                mistake = finding["mistake"]
                print(f"{interpreter['id']} {module}.{name}: {mistake['id']} | {mistake['sentence']} | "
                      f"{mistake['fix']} | {mistake['advice']} | {finding['created']['how']} | {finding['dropped']['cause']} | "
                      f"{(finding['dropped']['ended'] or {}).get('function')} | {finding['task']}")
            wrong = expectation.differences(finding, minor, origin)
            by_chance = CUT in finding["notes"] or finding["mistake"]["sentence"].startswith(IN_PART)
            was_cut = was_cut or (bool(wrong) and by_chance)
            told += [f"{module}.{name}{how}: {text}" for text in wrong]
    return told, was_cut


def run_one(options, interpreter):
    start = time.monotonic()
    try:
        told, cases, missing = check(options.corotrace, interpreter, options.show)
    except (AssertionError, subprocess.SubprocessError, OSError) as error:
        told, cases, missing = [f"did not run: {error}"], 0, 0
    return {"told": list(dict.fromkeys(told)), "cases": cases, "missing": missing, "seconds": time.monotonic() - start}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", type=Path, required=True, help="the program under test")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", default=[], help="an interpreter's id; may be repeated")
    parser.add_argument("--show", action="store_true", help="print what was said of each drop")
    options = parser.parse_args()
    options.corotrace = options.corotrace.resolve()
    interpreters, notes = find_interpreters()
    if options.only:
        interpreters = [item for item in interpreters if item["id"] in options.only]
    failed = cases = 0
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda item: run_one(options, item), interpreters)
        for interpreter, result in zip(interpreters, results):
            failed += len(result["told"])
            wrong += [f"mistakes on {interpreter['id']}: {text}" for text in result["told"]]
            cases += result["cases"]
            print(f"{interpreter['id']}: {result['cases']} cases, {len(result['told'])} wrong, {result['seconds']:.1f} s; "
                  f"{result['missing']} need a library that is not there")
            for text in result["told"]:
                print("  " + text, flush=True)
    for note in notes:
        print(note)
    tell_results("mistakes", wrong, [], cases)
    print(f"mistakes: {cases} cases on {len(interpreters)} interpreters, {failed} wrong")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
