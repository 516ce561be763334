#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A fleet of 1,000 pods, of two releases in four folders: corotrace merge and scripts/deploy/fleet.sql fold their reports
to the bugs that were planted, with the true counts; and so does the rule for Prometheus with their metrics.

usage: check_fleet.py PROGRAM

The reports are those of real processes, with other ids and counts for each pod.
"""
import collections
import functools
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "scripts/deploy"
PROGRAM = ""
PODS = 1000
# For the sites, whatever the number of pods: corotrace alone takes 12 MB.
MOST_MEMORY_MB = 64
# The next one moved what both forget, forgets one more, and has one mended.
RELEASES = ("""
async def save(): pass
async def notify(): pass
class Shop:
    def sell(self):
        notify()
def store():
    save()
for _ in range(3): store()
Shop().sell()
""", """
# A line, and
# another one.
async def save(): pass
async def refund(): pass
class Shop:
    def give_back(self):
        refund()
def store():
    save()
for _ in range(3): store()
for _ in range(2): Shop().give_back()
""")
FOLDERS = ("srv/shop", "opt/venv/lib")


def report(folder, text):
    """The JSON lines of a process that runs `text` there."""
    program = folder / "shop.py"
    program.parent.mkdir(parents=True)
    program.write_text(text)
    written = folder / "report.jsonl"
    subprocess.run([PROGRAM, "run", "--quiet", "-f", "jsonl", "-o", written, "--", "/usr/bin/python3", program], check=True,
                   stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in written.read_text().splitlines()]


def change(lines, pod):
    """As of another process, in which each site dropped more often."""
    for line in lines:
        changed = {**line, **({"pid": 1000 + pod} if "pid" in line else {})}
        if line["event"] == "site":
            changed["count"] = line["count"] * (1 + pod % 7)
        yield changed


class Fleet(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        reports = [report(self.folder / f"{number}/{folder}", text) for number, text in enumerate(RELEASES) for folder in FOLDERS]
        self.truth, self.names = collections.Counter(), {}
        self.files = []
        for pod in range(PODS):
            lines = list(change(reports[pod % len(reports)], pod))
            for line in lines:
                if line["event"] == "site":
                    self.truth[line["fingerprint"]] += line["count"]
                    self.names[line["fingerprint"]] = line["coroutine"]["qualname"]
            self.files.append(self.folder / f"pod-{pod}.jsonl")
            self.files[-1].write_text("".join(json.dumps(line) + "\n" for line in lines))

    def test_what_is_the_same(self):
        """Three bugs, not twelve, each with its own name."""
        self.assertEqual(sorted(self.names.values()), ["notify", "refund", "save"])

    def test_merge(self):
        merge = subprocess.Popen([PROGRAM, "merge", "-f", "jsonl", *self.files], stdout=subprocess.PIPE, text=True)
        text = merge.stdout.read()
        merge.stdout.close()
        _, status, usage = os.wait4(merge.pid, 0)
        merge.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(merge.returncode, 0)
        sites = [line for line in map(json.loads, text.splitlines()) if line["event"] == "site"]
        self.assertEqual({site["fingerprint"]: site["count"] for site in sites}, self.truth)
        self.assertLess(usage.ru_maxrss / 1024, MOST_MEMORY_MB)

    def test_queries(self):
        database = sqlite3.connect(":memory:")
        self.addCleanup(database.close)
        database.execute("CREATE TABLE lines(line TEXT)")
        for file in self.files:
            database.executemany("INSERT INTO lines VALUES (?)", ((line,) for line in file.read_text().splitlines()))
        # Of a pod that was killed while it wrote.
        database.execute("INSERT INTO lines VALUES (?)", ('{"schema":"corotrace/1","event":"site","count":5,"fing',))
        view, query = (part for part in (DEPLOY / "fleet.sql").read_text().split(";\n") if part.strip())
        database.execute(view)
        rows = database.execute(query).fetchall()
        self.assertEqual({row[0]: row[4] for row in rows}, self.truth)
        self.assertEqual({row[0]: row[2] for row in rows}, self.names)
        self.assertEqual([row[4] for row in rows], sorted((row[4] for row in rows), reverse=True))
        self.assertEqual(max(row[5] for row in rows), PODS)

    def test_what_loki_is_asked(self):
        """Each path that the query takes is one of the lines; Loki itself is not here."""
        query = (DEPLOY / "fleet.logql").read_text()
        paths = dict(re.findall(r'(\w+)="([\w.]+)"', query.split("| json")[1].split("\n")[0]))
        self.assertEqual(set(paths), {"event", "fingerprint", "kind", "coroutine", "mistake", "count"})
        sites = [line for line in map(json.loads, self.files[0].read_text().splitlines()) if line["event"] == "site"]
        self.assertTrue(sites)
        for site in sites:
            for path in paths.values():
                value = functools.reduce(lambda found, key: found[key], path.split("."), site)
                self.assertIsInstance(value, (str, int), path)

    def test_rule(self):
        """Each pod drops one a minute, of a coroutine that the next release has at another line."""
        labels = 'fingerprint="0123", kind="coroutine_never_awaited", coroutine="save", mistake="missing_await"'
        series = [{"series": f'corotrace_site_drops_total{{{labels}, instance="pod-{pod}", place="shop.py:{8 + pod % 2}"}}',
                   "values": "0+1x20"} for pod in range(PODS)]
        rates = {"expr": "round(corotrace:site_drops:rate5m * 60)", "eval_time": "20m",
                 "exp_samples": [{"labels": f"{{{labels}}}", "value": PODS}]}
        file = self.folder / "rules_test.json"  # which is YAML, too
        file.write_text(json.dumps({"rule_files": [str(DEPLOY / "prometheus-rules.yaml")], "evaluation_interval": "1m", "tests": [
            {"interval": "1m", "input_series": series, "promql_expr_test": [rates]}]}))
        done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
