#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs live test files on every interpreter that is found, several at a time.

usage: run.py --corotrace PROGRAM [-j N] [--only ID]... [--first] [--builds WHICH] [--json FILE] TEST...

A TEST is exact for test_exact.py. What is missing, skipped or failed is listed; the last line has the totals.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "safety"), str(HERE.parent / "static")]

from support.results import tell_results  # noqa: E402

HOST = os.path.realpath(sys.executable)

# About the tests or the host and not about an interpreter.
ONCE = ("export", "harness", "long_tree", "obstacles", "serve_access")
# About the kernel, processes, files and the command line: three versions, see pick_few(), in the README's test command
# one. Here and below: enough for CI. With --builds all, or COROTRACE_TEST_BUILDS=all, they run on each build.
FEW = ("children", "containers", "current_test", "doctor", "errors", "hold", "kill", "life_cycle", "list", "private",
       "read_only", "refused_writes", "run", "run_tests", "sandbox", "serve", "servers", "signals", "starts", "starved",
       "subprocesses", "threads", "top")
# About what differs from version to version, but not between builds of one.
ONCE_A_VERSION = ("causes", "core", "lines", "lost_tasks", "no_trace", "origin", "tasks", "warning_fate")
# About objects as they lie in memory, which a debug build has others of: one build of each version, and one that is a
# debug build.
ONCE_A_KIND = ("holders", "scan")


class OneLine(unittest.TextTestResult):
    """Keeps the names of what did not pass; the failures' text goes to stderr as ever."""

    def not_passed(self):
        return {
            "failed": [str(test) for test, _ in self.failures + self.errors],
            "skipped": [f"{test}: {reason}" for test, reason in self.skipped],
        }


def worker(test):
    """One test file on one interpreter; the result is a JSON line on stdout."""
    suite = unittest.defaultTestLoader.loadTestsFromName("test_" + test)
    runner = unittest.TextTestRunner(stream=sys.stderr, resultclass=OneLine, verbosity=1)
    result = runner.run(suite)
    print(json.dumps({"run": result.testsRun, **result.not_passed()}))
    return 0


def find_interpreters():
    found = subprocess.run([sys.executable, str(ROOT / "scripts/find_interpreters.py"), "--json", "--missing"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout), found.stderr.splitlines()


def pick_builds(interpreters, apart=("musl", "free_threaded")):
    """One of each version, those with a trait of `apart` for themselves; rather one of this machine that has no
    symbols, as people have it, than one in a root of its own or a debug build."""
    best = {}
    for item in sorted(interpreters, key=lambda item: (item["root"] is not None, "debug" in item["traits"],
                                                       "stripped" not in item["traits"])):
        kinds = [trait for trait in apart if trait in item["traits"]]
        best.setdefault((*item["version"].split(".")[:2], *kinds), item["id"])
    return [item for item in interpreters if item["id"] in best.values()]


def pick_few(versions):
    """The oldest, the newest and this machine's own."""
    return [item for item in versions
            if item in (versions[0], versions[-1]) or os.path.realpath(item["argv"][0]) == HOST]


def pick_own(few):
    """This machine's own, or else the newest."""
    return [item for item in few if os.path.realpath(item["argv"][0]) == HOST] or few[-1:]


def run_one(options, test, interpreter):
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, "--worker", test], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace", check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1",
             "COROTRACE_TEST_PYTHON": json.dumps(interpreter),
             "COROTRACE_TEST_BINARY": str(options.corotrace)})
    try:
        result = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        result = {"run": 0, "failed": [f"the test program ended with {done.returncode}"], "skipped": []}
    result["seconds"] = time.monotonic() - start
    result["text"] = done.stderr
    return result


def tell(test, interpreter, result):
    word = "FAILED" if result["failed"] else "ok"
    print(f"{test} on {interpreter['id']}: {word}, {result['run']} tests, {len(result['failed'])} failed, "
          f"{len(result['skipped'])} skipped, {result['seconds']:.1f} s", flush=True)
    for skipped in result["skipped"]:
        print(f"  skipped: {skipped}")
    if result["failed"]:
        print(result["text"], flush=True)


def keep(path, results, interpreters, notes):
    """What scripts/matrix.py needs, in an order that does not change. Results of other tests stay as they are."""
    rows = {}
    if path.exists():
        here = {item["id"] for item in find_interpreters()[0]}
        anew = {test for (test, _), _ in results}
        rows = {(row["test"], row["interpreter"]): row for row in json.loads(path.read_text())["results"]
                if row["interpreter"] in here and row["test"] not in anew}
    for (test, item), result in results:
        if test not in ONCE:
            rows[test, item["id"]] = {"interpreter": item["id"], "test": test, "run": result["run"],
                                      "failed": len(result["failed"]), "skipped": len(result["skipped"])}
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True,
                            check=True).stdout.strip()
    kept = {
        "commit": commit,
        "interpreters": [{key: item[key] for key in ("id", "version", "traits")} for item in interpreters],
        "missing": [note.split("missing: ")[1].split(" (")[0] for note in notes if note.startswith("missing: ")],
        "results": [rows[key] for key in sorted(rows)],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n")


def table_of(tests):
    """Where this run's part of the table goes that `scripts/matrix.py --collect` puts together, in a run of ctest."""
    folder = os.environ.get("COROTRACE_TEST_RESULTS")
    return Path(folder) / "table" / ("-".join(tests) + ".json") if folder else None


def find_unrun(kept):
    """Test files of which nothing ran on any interpreter: whatever they are about was not tested."""
    ran = collections.Counter()
    for (test, _), result in kept:
        ran[test] += result["run"] - len(result["skipped"])
    return [test for test, number in ran.items() if number == 0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", type=Path, help="the program under test")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", default=[], help="an interpreter's id; may be repeated")
    parser.add_argument("--first", action="store_true", help="only the first interpreter that is this machine's own")
    parser.add_argument("--builds", choices=("few", "one", "needed", "all"), default=os.environ.get("COROTRACE_TEST_BUILDS", "needed"),
                        help="few: of the oldest version, the newest and this machine's, or only the last where that is enough; one: of each version; needed: few, one of each version"
                             " or kind where that is enough, else all; all: each test on each build (default: COROTRACE_TEST_BUILDS, or needed)")
    parser.add_argument("--json", type=Path, help="put the results there too, beside those of other tests; scripts/matrix.py reads them")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("tests", nargs="*")
    options = parser.parse_args()
    if options.worker:
        return worker(options.worker)
    if not options.corotrace or not options.tests:
        parser.error("--corotrace and a test are needed")
    options.corotrace = options.corotrace.resolve()

    host = {"id": "host", "argv": [sys.executable], "root": None, "traits": [], "version": sys.version.split()[0]}
    interpreters, notes = find_interpreters()
    everyone = interpreters
    if options.only:
        interpreters = [item for item in interpreters if item["id"] in options.only]
    if options.first:
        interpreters = [item for item in interpreters if not item["root"]][:1]
    if not interpreters:
        print("no interpreter to test with was found")
        return 1
    each = options.builds == "all" or bool(options.only)
    versions = interpreters if each else pick_builds(interpreters)
    kinds = interpreters if each else pick_builds(interpreters, ("musl", "free_threaded", "debug"))
    few = interpreters if each else pick_few(versions)
    own = interpreters if each else pick_own(few)

    def choose(test):
        if test in ONCE:
            return [host]
        if test in FEW and options.builds != "one":
            return own if options.builds == "few" else few
        if options.builds == "few":
            return few
        if test in ONCE_A_VERSION or options.builds == "one":
            return versions
        return kinds if test in ONCE_A_KIND else interpreters

    chosen = {test: choose(test) for test in options.tests}
    wanted = [(test, item) for test in options.tests for item in chosen[test]]
    results, kept = [], []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = {pool.submit(run_one, options, test, item): (test, item) for test, item in wanted}
        for future in concurrent.futures.as_completed(running):
            results.append(future.result())
            kept.append((running[future], results[-1]))
            tell(*running[future], results[-1])
    for path in filter(None, (options.json, table_of(options.tests))):
        path.parent.mkdir(parents=True, exist_ok=True)
        keep(path, kept, everyone, notes)
    for note in notes:
        print(note)
    for test in options.tests:
        if test not in ONCE and len(chosen[test]) < len(interpreters):
            what = {id(kinds): "one build of each kind", id(versions): "one build of each version", id(own): "this machine's"}.get(
                id(chosen[test]), "the oldest version, the newest and this machine's")
            print(f"{test}: on {what}, {len(chosen[test])} of {len(interpreters)} (--builds all: on each)")
    unrun = find_unrun(kept)
    for test in unrun:
        print(f"{test}: FAILED, nothing of it ran on any interpreter")
    failed = sum(len(result["failed"]) for result in results) + len(unrun)
    skipped = sum(len(result["skipped"]) for result in results)
    tell_results("-".join(options.tests), [
        *(f"{test} on {item['id']}: {name}" for (test, item), result in kept for name in result["failed"]),
        *(f"{test}: nothing of it ran on any interpreter" for test in unrun),
    ], [skip for _, result in kept for skip in result["skipped"]], sum(result["run"] for result in results))
    print(f"live {' '.join(options.tests)}: {sum(result['run'] for result in results)} tests on "
          f"{len({item['id'] for _, item in wanted})} interpreters, {failed} failed, {skipped} skipped, "
          f"{len(notes)} interpreters missing")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
