# SPDX-License-Identifier: MIT
"""A test suite from its start to its end: plain, under `corotrace run`, and with what else finds forgotten awaits."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

# Mostly plain work, as suites are; each tenth test starts a Python, each twentieth forgets a coroutine.
SUITE = '''
import asyncio, json, os, subprocess, sys, unittest

async def parse(text):
    return json.loads(text)

async def answer(value):
    return json.dumps(value)

async def forgotten():
    pass

class Suite(unittest.TestCase):
    pass

def make(number):
    def test(self):
        async def main():
            async def handle(text):
                value = await parse(text)
                value["seen"] = {key: len(str(item)) for key, item in value.items()}
                return await answer(value)
            text = json.dumps({str(i): list(range(i)) for i in range(60)})
            for _ in range(6):
                await asyncio.gather(*[asyncio.ensure_future(handle(text)) for _ in range(20)])
            if number % 20 == 0:
                forgotten()
        asyncio.run(main())
        if number % 10 == 0:
            subprocess.run([sys.executable, "-c", "import json"], check=True)
    return test

for number in range(int(os.environ["TESTS"])):
    setattr(Suite, f"test_{number}", make(number))

unittest.main()
'''

PEERS = {"-X dev": ("-X", "dev"), "-W error, -X tracemalloc=25": ("-W", "error", "-X", "tracemalloc=25")}


def run(words, tests):
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    began = time.perf_counter()
    subprocess.run(words, env={**keep, "TESTS": str(tests)}, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    return time.perf_counter() - began


def measure(binary, argv, rounds, wanted_s=60):
    """What -> times the plain suite of that many seconds, for each round. The others are much slower, and run a
    tenth of it."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        python = [*argv, "-W", "ignore", "-c", SUITE]
        watched = [str(Path(binary).resolve()), "run", "-q", "-o", f"{folder}/report", "--"]
        run(python, 20)
        tests = max(20, round(200 * wanted_s / run(python, 200)))
        for index in range(rounds):
            def plain():
                return run(python, tests)

            def traced():
                return run([*watched, *python], tests)
            first, second = (traced, plain) if index % 2 else (plain, traced)
            one, other = first(), second()
            bare, ours = (other, one) if index % 2 else (one, other)
            found.setdefault("corotrace run", []).append(ours / bare)
            found.setdefault("plain", []).append(bare)
            for name, options in PEERS.items():
                least = run(python, tests // 10)
                found.setdefault(name, []).append(run([*argv, *options, "-c", SUITE], tests // 10) / least)
    return found
