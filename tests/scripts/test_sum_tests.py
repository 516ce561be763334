# SPDX-License-Identifier: MIT
"""scripts/sum_tests.py: what passed, what was skipped and why, and what failed, of ctest and of live tests."""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/sum_tests.py"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="Linux-c++" tests="7">
 <testcase name="unit:a" status="run"><system-out>LEFT OUT: no lld here</system-out></testcase>
 <testcase name="unit:b" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
  <system-out>warning:
  SKIPPED: needs root: mounts
  </system-out></testcase>
 <testcase name="unit:c" status="fail"><failure message=""/><system-out>CHECK failed</system-out></testcase>
 <testcase name="unit:d" status="notrun"><skipped message="Unable to find executable"/></testcase>
 <testcase name="unit:e" status="run"><system-out>warning:
  SKIPPED: no lld here
 and another one:
  SKIPPED: needs root: mounts
  </system-out></testcase>
 <testcase name="live:exact" status="run"><system-out/></testcase>
 <testcase name="live:builds" status="fail"><failure message=""/><system-out/></testcase>
</testsuite>
"""
EXACT = {"passed": 21, "failed": [], "skipped": ["test_sub (test_exact.Exact.test_sub): this build has no subinterpreters"] * 2}
BUILDS = {"passed": 5, "failed": ["builds on 3.8.18: test_musl"], "skipped": []}


class SumTests(unittest.TestCase):
    def sum(self, xml, **live):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ctest.xml"
            path.write_text(xml, encoding="utf-8")
            for name, told in live.items():
                (Path(folder) / (name + ".json")).write_text(json.dumps(told), encoding="utf-8")
            done = subprocess.run([sys.executable, SCRIPT, path, folder], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def test_each_live_test_counts_and_a_skip_has_its_reason(self):
        self.assertEqual(self.sum(XML, exact=EXACT, builds=BUILDS), [
            "passed 28",  # unit:a and unit:e, 21 of exact and 5 of builds
            "skipped 2 test_sub of test_exact.Exact.test_sub: this build has no subinterpreters",
            "skipped 1 unit:b: needs root: mounts",
            "skipped 1 unit:e: needs root: mounts",
            "skipped 1 unit:e: no lld here",
            "note unit:a: no lld here",
            "failed unit:c",
            "failed unit:d",
            "failed builds on 3.8.18: test_musl",
        ])

    def test_a_live_test_that_told_nothing_counts_as_one(self):
        self.assertIn("failed live:builds", self.sum(XML, exact=EXACT))

    def test_no_run_at_all(self):
        done = subprocess.run([sys.executable, SCRIPT, "/nonexistent.xml"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
