#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands of tests/recipes.md are run as they stand there, in a project whose tests forget to await and in one whose
tests do not: the first fails, the second passes, and what is written is what the recipe goes on with.

usage: check_recipes.py PROGRAM

Of GitHub Actions, GitLab and Jenkins only the commands are run: those services are not here.
"""
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

import yaml

RECIPES = Path(__file__).resolve().parents[1] / "recipes.md"
PROGRAM = ""
FORGETS = "    save()\n"
TESTS = """
import unittest
async def save(): pass
class Saves(unittest.TestCase):
    def test_save(self):
        self.assertTrue(save)
"""
MANAGE = """
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
settings.configure(INSTALLED_APPS=[], DATABASES={})
execute_from_command_line(sys.argv)
"""


def sections():
    """Heading -> its blocks of code, each (language, text)."""
    parts = re.split(r"^## (.*)$", RECIPES.read_text(), flags=re.MULTILINE)
    blocks = {}
    for heading, text in zip(parts[1::2], parts[2::2]):
        blocks[heading] = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return blocks


class Recipes(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "corotrace").symlink_to(PROGRAM)
        for name in ("python", "python3"):
            (programs / name).symlink_to("/usr/bin/python3")
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
        self.project = self.folder / "project"
        self.project.mkdir()
        (self.project / "manage.py").write_text(MANAGE)

    def blocks(self, heading, language):
        found = [text for name, text in sections()[heading] if name == language]
        self.assertTrue(found, f"no {language} under {heading}")
        return found

    def write_tests(self, forgets):
        (self.project / "test_project.py").write_text(TESTS + "    " + FORGETS if forgets else TESTS)

    def run_here(self, command, **variables):
        return subprocess.run(["bash", "-e", "-c", command], cwd=self.project, env={**self.environment, **variables},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def check_both(self, command, **variables):
        """Passes where nothing is forgotten; what it said where something is, and failed."""
        self.write_tests(forgets=False)
        done = self.run_here(command, **variables)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.write_tests(forgets=True)
        done = self.run_here(command, **variables)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stdout

    def check_junit(self, name):
        cases = xml.etree.ElementTree.parse(self.project / name).findall(".//testcase")
        self.assertTrue(any(case.find("failure") is not None for case in cases), name)

    def test_runners(self):
        (commands,) = self.blocks("pytest, unittest, Django", "sh")
        lines = commands.splitlines()
        self.assertEqual(len(lines), 3)
        for line in lines:
            with self.subTest(line):
                self.assertIn("save", self.check_both(line))

    def test_tox(self):
        if not shutil.which("tox"):
            self.skipTest("no tox (scripts/setup.sh test installs it)")
        (environment,) = self.blocks("tox and nox", "ini")
        # What the recipe leaves to the project; nothing is to come from an index of packages.
        (self.project / "tox.ini").write_text("[tox]\nenvlist = py3\nskipsdist = true\n" + environment +
                                              "sitepackages = true\npassenv = PYTHONDONTWRITEBYTECODE\n")
        self.write_tests(forgets=True)
        self.assertEqual(self.run_here("corotrace run --baseline corotrace.txt --update-baseline -- true").returncode, 0)
        self.check_both("tox")

    def test_nox(self):
        (text,) = self.blocks("tox and nox", "python")
        (function,) = ast.parse(text).body
        (ran,) = [call for call in ast.walk(function) if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "run"]
        words = [argument.value for argument in ran.args]
        self.assertEqual([keyword.arg for keyword in ran.keywords], ["external"])
        self.check_both(" ".join(words))

    def test_github(self):
        (text,) = self.blocks("GitHub Actions", "yaml")
        runs, upload = yaml.safe_load(text)
        summary = self.folder / "summary.md"
        said = self.check_both(runs["run"], GITHUB_WORKSPACE=str(self.project), GITHUB_STEP_SUMMARY=str(summary))
        self.assertRegex(said, r"(?m)^::(error|warning) file=test_project\.py,line=7")
        self.assertIn("save", summary.read_text())
        sarif = json.loads((self.project / upload["with"]["sarif_file"]).read_text())
        self.assertEqual(len(sarif["runs"][0]["results"]), 1)

    def test_shards(self):
        text = RECIPES.read_text()
        (write,) = re.findall(r"`-f (jsonl:shard-\$N\.jsonl)`", text)
        (merge,) = re.findall(r"`(corotrace merge shard-[^`]*)`", text)
        self.write_tests(forgets=True)
        for number in "12":
            self.run_here(f"corotrace run -f {write} -- python -m unittest", N=number)
        done = self.run_here(merge)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(len(re.findall("(?m)^::(?:error|warning) ", done.stdout)), 1, done.stdout)

    def test_gitlab(self):
        (text,) = self.blocks("GitLab CI", "yaml")
        job = yaml.safe_load(text)["test"]
        self.check_both("\n".join(job["script"]))
        reports = job["artifacts"]["reports"]
        self.assertEqual(len(json.loads((self.project / reports["codequality"]).read_text())), 1)
        self.check_junit(reports["junit"])

    def test_jenkins(self):
        (text,) = self.blocks("Jenkins", "groovy")
        (command,) = re.findall(r"sh '(.*)'", text)
        (report,) = re.findall(r"junit '(.*)'", text)
        self.check_both(command)
        self.check_junit(report)

    def test_baseline(self):
        (commands,) = self.blocks("Before a merge", "sh")
        once, always = commands.splitlines()
        self.write_tests(forgets=True)
        for command in (once, always):
            done = self.run_here(command)
            self.assertEqual(done.returncode, 0, done.stdout)
        (self.project / "test_more.py").write_text("async def notify(): pass\ndef test_more(): notify()\n")
        done = self.run_here(always)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("notify", done.stdout)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
