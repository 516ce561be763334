#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes cpython_layouts/README.md's table of interpreters from the results of a live run; nobody writes it by hand.

  scripts/test.sh --whole --only live     runs all of them
  scripts/matrix.py --collect build/dev/live-results
                               takes the results of that run, and rewrites the table
  scripts/matrix.py            rewrites the table; tests/live/run.py --json tests/live/results.json renews results of single tests
  scripts/matrix.py --check    exit 1 if the README has another table (a unit test runs this)
"""
from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- matrix: written by scripts/matrix.py -->\n", "<!-- /matrix -->\n"

# What a test file checks, in the words of the table's head.
COLUMNS = {
    "exact": "counts", "sites": "sites", "lines": "lines", "causes": "causes", "arguments": "arguments",
    "agen_methods": "async generators",
    "tasks": "running task", "lost_tasks": "lost tasks", "origin": "origins", "current_test": "pytest", "warning_fate": "warnings",
    "containers": "containers", "builds": "other shapes", "no_trace": "no trace", "life_cycle": "life cycle",
    "errors": "errors", "servers": "servers", "children": "children", "subprocesses": "process trees", "threads": "threads",
    "signals": "signals", "kill": "kills", "sandbox": "sandboxes", "refused_writes": "refused writes",
    "read_only": "read only", "private": "private data", "list": "list", "doctor": "doctor", "serve": "serve", "top": "live view",
    "scan": "held and tasks", "core": "core files", "starts": "starts", "starved": "starved", "run": "commands", "run_tests": "in whose test",
    "hold": "without a tracer", "holders": "holders",
}
# About the tests themselves or the machine and not about an interpreter.
NO_COLUMN = ("export", "harness", "long_tree", "obstacles", "serve_access")
TRAITS = {
    "static": "static", "shared": "shared", "stripped": "stripped", "lto": "LTO", "debug": "debug",
    "free_threaded": "free-threaded", "musl": "musl", "jit": "JIT built in", "container": "own root",
}
ORIGINS = {"pyenv": "pyenv", "debian": "Debian, this machine's", "musl": "from Debian's source"}


def describe_origin(interpreter: dict) -> str:
    parts = interpreter["id"].split("-")
    if len(parts) == 1:
        return "from Debian's source"
    return ORIGINS.get(parts[1], f"Debian {parts[1]}")


def describe_cell(result: dict | None) -> str:
    """How many tests passed; a dash where none applies, and nothing where none was run."""
    if result is None:
        return ""
    if result["failed"]:
        return f"**{result['failed']} failed**"
    passed = result["run"] - result["skipped"]
    return str(passed) if passed else "–"


def make_table(kept: dict) -> str:
    columns = [test for test in COLUMNS if any(item["test"] == test for item in kept["results"])]
    by_place = {(item["interpreter"], item["test"]): item for item in kept["results"]}
    lines = ["| CPython | from | build | " + " | ".join(COLUMNS[test] for test in columns) + " |",
             "|---|---|---|" + "---:|" * len(columns)]
    for interpreter in kept["interpreters"]:
        build = ", ".join(word for trait, word in TRAITS.items() if trait in interpreter["traits"])
        cells = [describe_cell(by_place.get((interpreter["id"], test))) for test in columns]
        lines.append(f"| {interpreter['version']} | {describe_origin(interpreter)} | {build} | "
                     + " | ".join(cells) + " |")
    missing = ", ".join(kept["missing"])
    ending = f"\nRun at commit {kept['commit']}." + (f" Not to be had there: {missing}." if missing else "") + "\n"
    return "\n".join(lines) + "\n" + ending


def collect(folder: Path) -> dict:
    """The parts that the runs of single test files left. ValueError: there are none, or they are not of one run."""
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "table").glob("*.json"))]
    if not parts or any(part[key] != parts[0][key] for part in parts for key in ("commit", "interpreters", "missing")):
        raise ValueError(f"{folder}/table has no results, or those of several commits or machines")
    rows = [row for part in parts for row in part["results"]]
    return {**parts[0], "results": sorted(rows, key=lambda row: (row["test"], row["interpreter"]))}


def replace_table(text: str, table: str) -> str:
    """ValueError: the marks are not there, once each."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError("the README's marks of the table are missing or doubled")
    head, rest = text.split(BEGIN)
    return head + BEGIN + table + END + rest.split(END)[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--results", type=Path, default=ROOT / "tests/live/results.json")
    parser.add_argument("--readme", type=Path, default=ROOT / "cpython_layouts/README.md")
    parser.add_argument("--collect", type=Path, metavar="FOLDER", help="first take the results of a whole run from there")
    options = parser.parse_args()
    if options.collect:
        try:
            kept = collect(options.collect)
        except ValueError as error:
            sys.exit(f"matrix.py: {error}")
        options.results.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    text = options.readme.read_text(encoding="utf-8")
    wanted = replace_table(text, make_table(json.loads(options.results.read_text(encoding="utf-8"))))
    if wanted == text:
        return 0
    if options.check:
        print("matrix.py: the table in cpython_layouts/README.md is not that of tests/live/results.json; run scripts/matrix.py",
              file=sys.stderr)
        return 1
    options.readme.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
