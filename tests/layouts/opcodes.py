#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds every opcode table against every interpreter found. Also that a wrong number would be noticed."""
import concurrent.futures
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
EXTRACT = SOURCE / "scripts" / "extract_opcodes.py"
TABLES = SOURCE / "cpython_layouts" / "versions"


def table_of(interpreter):
    return TABLES / ("opcodes_3_%02d.hpp" % int(interpreter["version"].split(".")[1]))


def extract(*arguments):
    return subprocess.run([sys.executable, EXTRACT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)


def check_notices_faults(interpreter):
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.hpp"
        right = table_of(interpreter).read_text()
        table.write_text(right.replace('"POP_TOP"', '"POP_TOPS"'))
        done = extract(table, *interpreter["argv"])
        assert done.returncode == 1 and "POP_TOPS" in done.stdout, done.stdout


def main():
    command = [sys.executable, SOURCE / "scripts" / "find_interpreters.py", "--json"]
    interpreters = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda found: extract(table_of(found), *found["argv"]), interpreters)
        for found, done in zip(interpreters, results):
            failed |= done.returncode != 0
            print(f"{found['id']}: {'as the table has it' if done.returncode == 0 else done.stdout}")
    check_notices_faults(interpreters[0])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
