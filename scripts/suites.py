#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the test suites of asyncio packages, from Debian's sources, with and without `corotrace run`, and compares:
the same tests must pass and fail, and every process must be counted exactly. What was found is listed, for people to
look at one by one.

  scripts/suites.py --corotrace build/release/corotrace            all of them, fetched by apt-get source once
  scripts/suites.py --corotrace PROGRAM --times 3 starlette        median seconds, beside -X dev and tracemalloc

A source tree that lies in ~/.cache/corotrace/suites/NAME/ already is taken as it is: mirrors may have no sources.

Exit: 0 equal; 1 a test's outcome differs, or a suite could not be run; 2 usage.
"""
from __future__ import annotations

import argparse
import collections
import json
import os
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "corotrace" / "suites"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Debian's source package -> pytest's arguments. Tests that need a network are theirs to skip.
SUITES = {
    "python-asgiref": ["tests"],
    "python-anyio": ["tests"],
    "python-janus": ["tests"],
    "starlette": ["tests"],
    "python-websockets": ["tests"],
    "httpx": ["tests"],
    "hypercorn": ["tests"],
}
PACKAGES = ("python3-pytest python3-pytest-asyncio python3-pytest-mock python3-trustme python3-trio "
            "python3-asgiref python3-anyio python3-janus python3-starlette python3-websockets python3-httpx "
            "python3-hypercorn").split()
LONGEST_SECONDS = 1200
VARIANTS = {"plain": [], "-X dev": ["-X", "dev"], "tracemalloc": ["-W", "error", "-X", "tracemalloc=25"]}


def find_mirror() -> str:
    """Where this machine's apt has Debian's main archive from, as `deb-src` wants it."""
    told = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                           "Created-By: Packages", "Origin: Debian", "Label: Debian"],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in told.splitlines():
        uri, release, component = line.split()
        if component == "main" and "-" not in release:
            trust = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
            return f"deb-src {trust}{uri} {release} main"
    raise SystemExit("suites.py: this machine's apt names no mirror of Debian")


def apt_options() -> list[str]:
    """Of an apt of our own, for the machine's may have no sources of source packages."""
    folder = CACHE / "apt"
    for name in ("lists/partial", "archives/partial", "empty"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(find_mirror() + "\n", encoding="utf-8")
    return ["-qq", "-o", f"Dir::Etc::sourcelist={folder}/sources.list", "-o", f"Dir::Etc::sourceparts={folder}/empty",
            "-o", f"Dir::State::lists={folder}/lists", "-o", "APT::Sandbox::User=root"]


def fetch(name: str) -> Path:
    """The unpacked source, patches of Debian applied."""
    folder = CACHE / name
    if not folder.exists():
        options = apt_options()
        if not any((CACHE / "apt/lists").glob("*Sources*")):
            subprocess.run(["apt-get", *options, "update"], check=True)
        draft = CACHE / f"{name}.new"
        draft.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", *options, "source", name], cwd=draft, check=True, stdout=subprocess.DEVNULL)
        draft.rename(folder)
    return next(path for path in sorted(folder.iterdir()) if path.is_dir())


def command(name: str, flags: list[str], report: Path) -> list[str]:
    return [sys.executable, *flags, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}",
            *SUITES[name]]


def run(words: list[str], folder: Path) -> tuple[int, float]:
    source = folder / "src" if (folder / "src").is_dir() else folder
    environment = {**os.environ, "PYTHONPATH": f"{source}", "PYTHONDONTWRITEBYTECODE": "1"}
    began = time.monotonic()
    with open(CACHE / "log", "a", encoding="utf-8") as log:
        # One that hangs is ended with all its children, and has no report then.
        words = ["timeout", "--kill-after=10", str(LONGEST_SECONDS), *words]
        done = subprocess.run(words, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                              check=False)
    return done.returncode, time.monotonic() - began


def outcomes(report: Path) -> collections.Counter:
    """(test, passed or how it failed) -> how often."""
    counts: collections.Counter = collections.Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        how = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        counts[f"{case.get('classname')}::{case.get('name')}", how] += 1
    return counts


def describe_site(site: dict) -> str:
    frames = (site["created"] or {}).get("frames") or site["dropped"]["frames"] or [{}]
    place = frames[-1]
    return (f"  {site['count']} x {site['kind']} {site['coroutine']['qualname']}  "
            f"{place.get('file')}:{place.get('line')} in {place.get('function')}\n"
            f"      {(site.get('mistake') or {}).get('id')}, {site['dropped']['cause']}, test {site.get('test')}")


def compare(name: str, corotrace: str) -> bool:
    folder = fetch(name)
    plain, watched, report = (CACHE / f"{name}.{what}" for what in ("plain.xml", "watched.xml", "jsonl"))
    for file in (plain, watched, report):
        file.unlink(missing_ok=True)
    status, seconds = run(command(name, [], plain), folder)
    status_watched, seconds_watched = run(
        [corotrace, "run", "-q", "-f", f"jsonl:{report}", "--", *command(name, [], watched)], folder)
    if not plain.exists() or not watched.exists():
        print(f"{name}: could not be run, see {CACHE}/log")
        return False
    before, after = outcomes(plain), outcomes(watched)
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    summaries = [line for line in lines if line["event"] == "summary"]
    exact = sum(line["coverage"]["state"] == "exact" for line in summaries)
    how = collections.Counter(how for (_, how), count in before.items() for _ in range(count))
    same = before == after and status == status_watched
    print(f"{name}: {dict(how)}, {'the same' if same else 'NOT THE SAME'} under corotrace; exact for {exact} of "
          f"{len(summaries)} programs; {seconds:.1f} s, {seconds_watched:.1f} s", flush=True)
    for line in summaries:
        if line["coverage"]["state"] != "exact":
            print(f"  not exact: {line['coverage']}, {line['ended']}")
    if not same:
        print(f"  exit {status} and {status_watched}; only before {sorted((before - after))[:9]}, "
              f"only after {sorted((after - before))[:9]}")
    for line in lines:
        if line["event"] == "site":
            print(describe_site(line))
    return same


def measure(name: str, corotrace: str, times: int) -> None:
    """In turn, so that a machine that gets slower does so for all."""
    folder = fetch(name)
    report = CACHE / f"{name}.bench.xml"
    variants = {how: command(name, flags, report) for how, flags in VARIANTS.items()}
    variants["corotrace run"] = [corotrace, "run", "-q", "-o", os.devnull, "--", *variants["plain"]]
    seconds: dict[str, list[float]] = {how: [] for how in variants}
    for _ in range(times):
        for how, words in variants.items():
            seconds[how].append(run(words, folder)[1])
    base = statistics.median(seconds["plain"])
    for how, taken in seconds.items():
        median = statistics.median(taken)
        print(f"{name}: {how:14} {median:6.2f} s, {100 * (median / base - 1):+5.1f} %  "
              f"({', '.join(f'{one:.2f}' for one in taken)})")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--corotrace", required=True, type=lambda text: str(Path(text).resolve()))
    parser.add_argument("--times", type=int, default=0, help="measure instead")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}")
    options = parser.parse_args()
    names = options.suites or list(SUITES)
    if unknown := set(names) - set(SUITES):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    CACHE.mkdir(parents=True, exist_ok=True)
    missing = subprocess.run(["dpkg-query", "-W", *PACKAGES], stdout=subprocess.DEVNULL, check=False)
    if missing.returncode:
        print("suites.py: packages are missing; run scripts/setup.sh suites", file=sys.stderr)
        return 1
    if options.times:
        for name in names:
            measure(name, options.corotrace, options.times)
        return 0
    return 0 if all([compare(name, options.corotrace) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())
