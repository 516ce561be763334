#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds every table against the debug information of every interpreter that has it; names those without, and
the tables that nothing was found for. Also that a wrong number and a lost field would be noticed."""
import concurrent.futures
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
EXTRACT = SOURCE / "scripts" / "extract_layout.py"
TABLES = SOURCE / "cpython_layouts" / "versions"
SKIPPED = 77  # ctest knows it as "not run"


def table_of(interpreter):
    minor = int(interpreter["version"].split(".")[1])
    return TABLES / ("py3_%02d%s.hpp" % (minor, "t" if "free_threaded" in interpreter["traits"] else ""))


def extract(*arguments):
    return subprocess.run([sys.executable, EXTRACT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def check_notices_faults(interpreter):
    """The check itself must be able to fail, and --update to mend what it finds."""
    binary = interpreter["debug_file"] or interpreter["image"]
    right = table_of(interpreter).read_text()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.hpp"
        table.write_text(right.replace(".finalize = 392", ".finalize = 400").replace(".items = 2", ".items = 12"))
        done = extract(table, binary)
        assert done.returncode == 1 and "finalize is 400, the build has 392" in done.stdout, done.stdout
        assert "items is 12" in done.stdout, done.stdout
        assert extract("--update", table, binary).returncode == 0
        assert table.read_text() == right
        table.write_text(right.replace("PyTypeObject.tp_dict", "PyTypeObject.tp_gone"))
        done = extract("--update", table, binary)
        assert done.returncode == 1 and "not found: PyTypeObject.tp_gone" in done.stdout, done.stdout


def main():
    command = [sys.executable, SOURCE / "scripts" / "find_interpreters.py", "--json"]
    interpreters = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    with_dwarf = [found for found in interpreters if "dwarf" in found["traits"]]
    for found in interpreters:
        if found not in with_dwarf:
            print(f"{found['id']}: no debug information, not checked")
    failed = False
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda found: extract(table_of(found), found["debug_file"] or found["image"]), with_dwarf)
        for found, done in zip(with_dwarf, results):
            failed |= done.returncode != 0
            print(f"{found['id']}: {'as the table has it' if done.returncode == 0 else done.stdout}")
    for table in sorted(set(TABLES.glob("py3_*.hpp")) - {table_of(found) for found in with_dwarf}):
        print(f"{table.name}: no interpreter with debug information here, not checked")
    if not with_dwarf:
        return SKIPPED
    check_notices_faults(next(found for found in with_dwarf if "free_threaded" not in found["traits"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
