#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPython's own regression tests as hosts of corotrace: run bare twice and once while corotrace looks at every drop.
The same tests must end the same way (those that differ between the two bare runs are listed and left out), and the
never-awaited coroutines that the interpreter warned about must be those that corotrace counted. With --run they are run
by `corotrace run`, else corotrace attaches to them.

usage: hosted_tests.py --corotrace PROGRAM [--run] [--only ID]... [TEST]...
"""
import argparse
import collections
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests")]

from support.corotrace import Corotrace  # noqa: E402
from support import deadline  # noqa: E402
from support.target_process import Interpreter, TargetProcess  # noqa: E402

TESTS = ("coroutines", "asyncgen", "generators", "asyncio", "threading", "signal", "fork1", "subprocess", "gc",
         "weakref", "warnings")
MINUTES = 15


def find_interpreters():
    found = subprocess.run([sys.executable, str(ROOT / "scripts/find_interpreters.py"), "--json"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return [Interpreter(item) for item in json.loads(found.stdout)]


def has_test(interpreter, test):
    """Distributions leave out test, or most of it."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('test.test_{test}') is None)"
    return subprocess.run([*interpreter.argv, "-c", code], stderr=subprocess.DEVNULL, check=False).returncode == 0


def run(interpreter, test, binary=None):
    """(what the target told, corotrace's summary or None)"""
    summary = None
    with TargetProcess.python(interpreter, "hosted.py", "test.test_" + test) as target:
        target.expect("ready")
        corotrace = None
        if binary:
            corotrace = Corotrace(binary, "attach", "-p", target.pid, "-f", "jsonl", "--every", "--max-pause-share", "100",
                                  "-v", "-v")
            corotrace.wait_event("attached")
            # In the first moment the second count follows the first, see StubDataHeader.
            corotrace.wait_ticks()
        target.say("go")
        told = target.expect("done")
        if corotrace:
            result = corotrace.stop()
            if result.status != 0:
                raise AssertionError(str(result))
            summary = result.summary
        if target.end() != 0:
            raise AssertionError(target.stderr())
    return told, summary


def run_under(interpreter, test, binary):
    """The same, of the process itself, by `corotrace run`. Without origins, for test_coroutines looks at the very text
    of warnings, in which they show."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report")
        words = [str(binary), "run", "-q", "-f", f"jsonl:{report}", "--every", "--max-pause-share", "100",
                 "--origin", "off", "--",
                 *interpreter.argv, interpreter.program("hosted.py"), "test.test_" + test]
        with TargetProcess(words) as target:
            target.expect("ready")
            target.say("go")
            told = target.expect("done")
            if target.end() != 0:
                raise AssertionError(target.stderr())
        lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    first = next(line["pid"] for line in lines if line["event"] == "attached")
    return told, next(line for line in lines if line["event"] == "summary" and line["pid"] == first)


def judge(interpreter, test, binary, watch):
    """Prints one line; True if nothing differs."""
    try:
        first, _ = run(interpreter, test)
    except AssertionError as error:
        print(f"none   test_{test} on {interpreter.id}: cannot be run in one process, bare: {str(error)[:200]}", flush=True)
        return True
    second, _ = run(interpreter, test)
    traced, summary = watch(interpreter, test, binary)
    names = set(first["outcomes"]) | set(second["outcomes"]) | set(traced["outcomes"])
    unsteady = {name for name in names if first["outcomes"].get(name) != second["outcomes"].get(name)}
    differ = {name: (first["outcomes"].get(name), traced["outcomes"].get(name)) for name in names - unsteady
              if first["outcomes"].get(name) != traced["outcomes"].get(name)}
    # The coroutines that ended, and the calls on the warning path. frame.clear() on a coroutine that has not begun
    # warns without ending it by its type: only the second count has those, and the report says that they differ.
    ended, counted = summary["coverage"]["dealloc"], summary["coverage"]["warned"]
    good = not differ and counted == traced["warned"] and ended <= counted
    kinds = collections.Counter(traced["outcomes"].values())
    print(f"{'ok    ' if good else 'FAILED'} test_{test} on {interpreter.id}: "
          f"{', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}; "
          f"warned {first['warned']} and {second['warned']} bare, {traced['warned']} traced, counted {counted} ({ended} as they ended); "
          f"{summary['stops']} stops", flush=True)
    for name in sorted(unsteady):
        print(f"    left out, differs between bare runs: {name}")
    for name, (bare, with_tracer) in sorted(differ.items()):
        print(f"    {name}: {bare} bare, {with_tracer} traced")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corotrace", type=Path, required=True)
    parser.add_argument("--run", action="store_true", help="by corotrace run; default: by attach")
    parser.add_argument("--only", action="append", default=[], help="an interpreter's id; may be repeated")
    parser.add_argument("tests", nargs="*", default=TESTS, metavar="TEST", help="without test_; default: " + " ".join(TESTS))
    options = parser.parse_args()
    deadline.SECONDS = MINUTES * 60
    good = bad = 0
    for interpreter in find_interpreters():
        if options.only and interpreter.id not in options.only:
            continue
        for test in options.tests:
            if not has_test(interpreter, test):
                print(f"none   test_{test} on {interpreter.id}: not installed (scripts/interpreters.sh --tests --refresh has those of Debian)", flush=True)
                continue
            if judge(interpreter, test, options.corotrace.resolve(), run_under if options.run else run):
                good += 1
            else:
                bad += 1
        interpreter.close()
    print(f"hosted tests: {good} the same, {bad} different")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
