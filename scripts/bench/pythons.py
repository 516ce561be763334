# SPDX-License-Identifier: MIT
"""The interpreters that are measured, as scripts/find_interpreters.py finds them."""
import functools
import json
import pathlib
import subprocess
import sys

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent


@functools.lru_cache
def find_interpreters():
    found = subprocess.run([SCRIPTS / "find_interpreters.py", "--json"], stdout=subprocess.PIPE, check=True)
    return json.loads(found.stdout)


def find_debug_build(version):
    """(argv, the script with py-bt) of one that comes with both."""
    for one in find_interpreters():
        if not one["version"].startswith(version + ".") or "debug" not in one["traits"] or not one["root"]:
            continue
        loaded = pathlib.Path(one["root"]) / "usr/share/gdb/auto-load/usr/bin"
        for script in sorted(loaded.glob(f"python{version}d*-gdb.py")):
            return one["argv"], script
    return None


def find_pythons(wanted):
    for version in wanted:
        fits = [one for one in find_interpreters() if one["version"].startswith(version + ".") and
                not {"debug", "free_threaded"} & set(one["traits"])]
        if fits:
            yield version, fits[0]["argv"]
        else:
            print(f"missing: {version} (scripts/interpreters.sh)", file=sys.stderr)
