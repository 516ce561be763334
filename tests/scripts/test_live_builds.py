# SPDX-License-Identifier: MIT
"""tests/live/run.py: on which of the interpreters found a live test runs."""
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "live")]

import run  # noqa: E402


def found(version, *traits, argv="/opt/python", root=None):
    return {"id": version + "".join(traits), "version": version, "traits": list(traits), "root": root, "argv": [argv]}


INTERPRETERS = [found("3.8.18"), found("3.9.2", root="/roots/a"), found("3.9.18"), found("3.11.2", argv=sys.executable),
                found("3.11.7"), found("3.13.5", "stripped"), found("3.15.2", "debug"), found("3.15.2")]


class Picks(unittest.TestCase):
    def test_one_of_each_version_as_people_have_it(self):
        self.assertEqual([item["id"] for item in run.pick_builds(INTERPRETERS)],
                         ["3.8.18", "3.9.18", "3.11.2", "3.13.5stripped", "3.15.2"])

    def test_few_are_the_oldest_the_newest_and_the_host_s(self):
        versions = run.pick_builds(INTERPRETERS)
        self.assertEqual([item["id"] for item in run.pick_few(versions)], ["3.8.18", "3.11.2", "3.15.2"])
        self.assertEqual([item["id"] for item in run.pick_few(versions[:1])], ["3.8.18"])

    def test_the_own_one_is_the_host_s_or_the_newest(self):
        few = run.pick_few(run.pick_builds(INTERPRETERS))
        self.assertEqual([item["id"] for item in run.pick_own(few)], ["3.11.2"])
        self.assertEqual([item["id"] for item in run.pick_own([few[0], few[-1]])], ["3.15.2"])

    def test_every_file_of_tests_is_about_something(self):
        names = [path.stem.removeprefix("test_") for folder in ("live", "safety")
                 for path in (Path(run.ROOT) / "tests" / folder).glob("test_*.py")]
        for test in (*run.ONCE, *run.FEW, *run.ONCE_A_VERSION, *run.ONCE_A_KIND):
            self.assertIn(test, names)


if __name__ == "__main__":
    unittest.main()
