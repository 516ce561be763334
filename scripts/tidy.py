#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs clang-tidy on the project's .cpp files (headers come with them), in parallel, and remembers what passed.

A file is not checked again until its text, a header of the project that it includes, its compile command,
a .clang-tidy file or clang-tidy itself changes; headers of the system are taken as fixed. The memory is
BUILD/tidy-cache, one empty file per passed check. Exits 1 if a file has a fault, 2 if nothing could be run.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def texts_of(path, seen):
    """The file and all of the project's headers that it includes, each once."""
    if path in seen or not path.is_file():
        return
    seen[path] = path.read_bytes()
    for name in INCLUDE.findall(seen[path]):
        texts_of(ROOT / name.decode("utf-8", "replace"), seen)


def key_of(entry, version):
    seen = {}
    texts_of(Path(entry["file"]), seen)
    for folder in (ROOT, *Path(entry["file"]).parents):
        if folder.is_relative_to(ROOT) and (folder / ".clang-tidy").is_file():
            seen[folder / ".clang-tidy"] = (folder / ".clang-tidy").read_bytes()
    digest = hashlib.sha256(version + entry["command"].replace(str(ROOT), "").encode())
    for path in sorted(seen):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(seen[path]).digest())
    return digest.hexdigest()


def run(entry, build):
    """clang-tidy's complaints about one file, or "" if it has none."""
    done = subprocess.run(["clang-tidy", "--quiet", "-p", str(build), entry["file"]],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return done.stdout.strip() or done.stderr.strip() or f"clang-tidy ended with {done.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("files", nargs="*", help="only these (default: all that the build compiles)")
    parser.add_argument("--build", type=Path, default=ROOT / "build/sanitize",
                        help="build folder with compile_commands.json, of clang")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()

    commands = args.build / "compile_commands.json"
    if not commands.is_file():
        print(f"tidy: no {commands}; first: cmake --preset sanitize", file=sys.stderr)
        return 2
    try:
        version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    except FileNotFoundError:
        print("tidy: no clang-tidy; first: scripts/setup.sh test", file=sys.stderr)
        return 2

    wanted = {str(Path(name).resolve()) for name in args.files}
    compiled = json.loads(commands.read_text())
    if any("/Unity/unity_" in entry["file"] for entry in compiled):
        print(f"tidy: {args.build} compiles several files as one; first: cmake --preset sanitize -DCMAKE_UNITY_BUILD=OFF",
              file=sys.stderr)
        return 2
    entries = {entry["file"]: entry for entry in compiled
               if Path(entry["file"]).is_relative_to(ROOT) and not Path(entry["file"]).is_relative_to(args.build)}
    cache = args.build / "tidy-cache"
    cache.mkdir(exist_ok=True)
    old = [(key_of(entry, version), entry) for file, entry in sorted(entries.items()) if not wanted or file in wanted]
    todo = [(key, entry) for key, entry in old if not (cache / key).exists()]
    started, faulty = time.monotonic(), []

    with ThreadPoolExecutor(args.jobs) as pool:
        for number, ((key, entry), text) in enumerate(
                zip(todo, pool.map(lambda item: run(item[1], args.build), todo)), 1):
            name = os.path.relpath(entry["file"], ROOT)
            if sys.stderr.isatty():
                print(f"\r\033[Ktidy: {number}/{len(todo)} {name}", end="", file=sys.stderr, flush=True)
            if text:
                faulty.append(name)
                print(("\r\033[K" if sys.stderr.isatty() else "") + text.replace(str(ROOT) + "/", ""), flush=True)
            else:
                (cache / key).touch()
    if sys.stderr.isatty() and todo:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print(f"tidy: {len(old)} files, {len(old) - len(todo)} unchanged since they passed, {len(faulty)} with faults"
          f" ({time.monotonic() - started:.0f} s)", file=sys.stderr)
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
