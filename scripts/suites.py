#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the test suites of asyncio packages, from Debian's sources, with and without `corotrace run`, and compares:
the same tests must pass and fail, every program must be counted exactly, and what is found must be what Python itself
says of each coroutine and task in a third run, by a sitecustomize.py that listens to it. What was found is listed, for
people to look at one by one.

  scripts/suites.py --corotrace build/release/corotrace            all of them, fetched by apt-get source once
  scripts/suites.py --corotrace PROGRAM --times 3 starlette        median seconds, beside -X dev and tracemalloc

A source tree that lies in ~/.cache/corotrace/suites/NAME/ already is taken as it is: mirrors may have no sources. The
suites run by the Python that runs this; for another one: PYTHONPATH=/usr/lib/python3/dist-packages PYTHON suites.py ...

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
# Debian's source package, or a package that has its tests installed -> pytest's arguments. Tests that need a network
# are theirs to skip; plugins that only measure or repeat are left out.
SUITES = {
    "python-asgiref": ["tests"],
    "python-anyio": ["-k", "not trio", *(
        f"tests/test_{name}.py" for name in (
            "eventloop from_thread subprocesses synchronization taskgroups to_process to_thread").split())],
    "python-janus": ["tests"],
    "starlette": ["tests"],
    "python-websockets": ["tests"],
    "httpx": ["tests"],
    "hypercorn": ["-o", "addopts=", "--asyncio-mode=auto", "tests"],
    "python-aiohttp": ["-o", "addopts=", "-m", "not dev_mode", *(
        f"tests/test_{name}.py" for name in (
            "client_functional client_ws_functional connector run_app web_functional web_server web_request_handler "
            "web_websocket_functional test_utils pytest_plugin").split())],
    "aiofiles": ["--asyncio-mode=auto", "tests"],
    "python-uvicorn": ["--ignore=tests/supervisors", "tests"],
    "python3-tornado": ["--pyargs", "tornado.test"],
}
INSTALLED = {"python3-tornado"}
PACKAGES = ("python3-pytest python3-pytest-asyncio python3-pytest-mock python3-trustme python3-trio "
            "python3-asgiref python3-anyio python3-janus python3-starlette python3-websockets python3-httpx "
            "python3-hypercorn python3-chardet python3-multipart python3-freezegun python3-uvicorn python3-tornado").split()
LONGEST_SECONDS = 1200
VARIANTS = {"plain": [], "-X dev": ["-X", "dev"], "tracemalloc": ["-W", "error", "-X", "tracemalloc=25"]}


# What Python says of its own accord, whoever hears it: a line for each word of C code's to warnings, and of asyncio's to
# the loop's exception handler. The functions stay the same objects, for corotrace watches those, and what they need is
# in their defaults, which outlive the modules when the interpreter shuts down.
LISTENER = '''
import asyncio.base_events, os, types, warnings

def tell(kind, about, *, file=os.environ["COROTRACE_SUITES_TOLD"], flags=os.O_WRONLY | os.O_CREAT | os.O_APPEND,
         open=os.open, write=os.write, close=os.close):
    opened = open(file, flags, 0o666)
    write(opened, f"{kind} {about and about.__qualname__}\\n".encode())
    close(opened)

def unawaited(coro, *, tell=tell, then=None):
    tell("coroutine_never_awaited", coro)
    then(coro)

def lost(self, context, *, tell=tell, then=None):
    if context["message"] == "Task was destroyed but it is pending!":
        tell("task_destroyed_pending", context["task"].get_coro())
    if context["message"] == "Task exception was never retrieved":
        tell("task_exception_never_retrieved", context["future"].get_coro())
    if context["message"] == "Future exception was never retrieved":
        tell("future_exception_never_retrieved", None)
    return then(self, context)

for function, first in ((warnings._warn_unawaited_coroutine, unawaited),
                        (asyncio.base_events.BaseEventLoop.call_exception_handler, lost)):
    then = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    function.__kwdefaults__, function.__code__ = {"tell": tell, "then": then}, first.__code__
'''


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
    if name in INSTALLED:
        folder.mkdir(exist_ok=True)
        return folder
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


def run(words: list[str], folder: Path, told: Path | None = None) -> tuple[int, float]:
    paths = [folder / "src" if (folder / "src").is_dir() else folder]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "WEBSOCKETS_TESTS_TIMEOUT_FACTOR": "20"}
    if told:
        (CACHE / "listener").mkdir(exist_ok=True)
        (CACHE / "listener/sitecustomize.py").write_text(LISTENER, encoding="utf-8")
        told.write_text("", encoding="utf-8")
        paths.insert(0, CACHE / "listener")
        environment["COROTRACE_SUITES_TOLD"] = f"{told}"
    environment["PYTHONPATH"] = ":".join(map(str, [*paths, *filter(None, [os.environ.get("PYTHONPATH")])]))
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


def find_different(one: collections.Counter, other: collections.Counter) -> set[str]:
    return {test for test, _ in (one - other) + (other - one)}


def describe_site(site: dict) -> str:
    frames = (site["created"] or {}).get("frames") or site["dropped"]["frames"] or [{}]
    place = frames[-1]
    return (f"  {site['count']} x {site['kind']} {site['coroutine']['qualname']}  "
            f"{place.get('file')}:{place.get('line')} in {place.get('function')}\n"
            f"      {(site.get('mistake') or {}).get('id')}, {site['dropped']['cause']}, test {site.get('test')}")


def read_lines(report: Path) -> list[dict]:
    return [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]


def watch(name: str, corotrace: str, what: str, told: Path | None = None) -> tuple[int, float, Path, list[dict]]:
    report, lines = CACHE / f"{name}.{what}.xml", CACHE / f"{name}.{what}.jsonl"
    report.unlink(missing_ok=True)
    status, seconds = run([corotrace, "run", "-q", "-f", f"jsonl:{lines}", "--", *command(name, [], report)],
                          fetch(name), told)
    return status, seconds, report, read_lines(lines)


def compare_found(name: str, corotrace: str) -> bool:
    """What corotrace finds and what Python tells, in one run. Where corotrace says itself that it shared a count out
    over sites, the names must be the same and the sum of each kind."""
    told = CACHE / f"{name}.told"
    found, vague = collections.Counter(), set()
    for line in watch(name, corotrace, "heard", told)[3]:
        # Of what asend() and its like return Python does not tell by that function.
        if line["event"] == "site" and line["coroutine"]["type"] in ("coroutine", None):
            found[line["kind"], str(line["coroutine"]["qualname"])] += line["count"]
            if not line["exact"]:
                vague.add(line["kind"])
    heard = collections.Counter(tuple(line.split(" ", 1)) for line in told.read_text(encoding="utf-8").splitlines())
    equal = set(found) == set(heard)
    for kind in {kind for kind, _ in found | heard}:
        of_kind = [collections.Counter({what: count for what, count in counts.items() if what[0] == kind})
                   for counts in (found, heard)]
        equal &= sum(of_kind[0].values()) == sum(of_kind[1].values()) if kind in vague else of_kind[0] == of_kind[1]
    print(f"  found {sum(found.values())}, told by Python {sum(heard.values())}: {'equal' if equal else 'NOT EQUAL'}"
          + (f", shared out by corotrace: {', '.join(vague)}" if vague else ""))
    for whose, rest in (("found", found - heard), ("told", heard - found)):
        for what, count in rest.items():
            print(f"  only {whose}: {count} x {' '.join(what)}")
    return equal


def compare(name: str, corotrace: str) -> bool:
    plain = CACHE / f"{name}.plain.xml"
    plain.unlink(missing_ok=True)
    status, seconds = run(command(name, [], plain), fetch(name))
    status_watched, seconds_watched, watched, lines = watch(name, corotrace, "watched")
    if not plain.exists() or not watched.exists():
        print(f"{name}: could not be run, see {CACHE}/log")
        return False
    before, after = outcomes(plain), outcomes(watched)
    different, unstable = find_different(before, after), set()
    if different:
        run(command(name, [], plain), fetch(name))
        unstable = find_different(before, outcomes(plain))
        different -= unstable
    summaries = [line for line in lines if line["event"] == "summary"]
    vague = [line for line in summaries if line["coverage"]["state"] != "exact"]
    how = collections.Counter(how for (_, how), count in before.items() for _ in range(count))
    same = not different and (unstable or status == status_watched)
    print(f"{name}: {dict(how)}, {'the same' if same else 'NOT THE SAME'} under corotrace; exact for "
          f"{len(summaries) - len(vague)} of {len(summaries)} programs; {seconds:.1f} s, {seconds_watched:.1f} s")
    for line in vague:
        print(f"  not exact: {line['coverage']}, {line['ended']}")
    if not same:
        print(f"  exit {status} and {status_watched}; different: {', '.join(sorted(different))}")
    if unstable:
        print(f"  different without corotrace, too, from one run to the next: {', '.join(sorted(unstable))}")
    for line in lines:
        if line["event"] == "site":
            print(describe_site(line))
    equal = compare_found(name, corotrace)
    sys.stdout.flush()
    return bool(same and equal and not vague)


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
