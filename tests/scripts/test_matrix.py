# SPDX-License-Identifier: MIT
"""scripts/matrix.py: the table of interpreters is the one of the results that are kept, whatever was done by hand."""
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts/matrix.py"
RESULTS = {
    "commit": "0123abc",
    "interpreters": [{"id": "3.13.5-trixie", "version": "3.13.5", "traits": ["static", "stripped", "container"]},
                     {"id": "3.13.15t", "version": "3.13.15", "traits": ["static", "free_threaded"]}],
    "missing": ["3.14t"],
    "results": [{"interpreter": "3.13.5-trixie", "test": "exact", "run": 9, "failed": 0, "skipped": 1},
                {"interpreter": "3.13.5-trixie", "test": "servers", "run": 2, "failed": 0, "skipped": 2},
                {"interpreter": "3.13.15t", "test": "exact", "run": 9, "failed": 2, "skipped": 0}],
}
TABLE = """\
| CPython | from | build | counts | servers |
|---|---|---|---:|---:|
| 3.13.5 | Debian trixie | static, stripped, own root | 8 | – |
| 3.13.15 | from Debian's source | static, free-threaded | **2 failed** |  |

Run at commit 0123abc. Not to be had there: 3.14t.
"""


class Matrix(unittest.TestCase):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)

    def test_readme_has_the_table_of_the_kept_results(self):
        done = self.run_script("--check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_live_file_has_a_column(self):
        sys.path.insert(0, str(ROOT / "scripts"))
        import matrix
        names = {path.stem.removeprefix("test_") for folder in ("live", "safety")
                 for path in (ROOT / "tests" / folder).glob("test_*.py")}
        self.assertEqual(set(matrix.COLUMNS) | set(matrix.NO_COLUMN), names)

    def test_the_parts_of_a_run_are_put_together(self):
        with tempfile.TemporaryDirectory() as folder:
            readme, results, parts = Path(folder) / "README.md", Path(folder) / "results.json", Path(folder) / "table"
            shutil.copy(ROOT / "cpython_layouts/README.md", readme)
            parts.mkdir()
            arguments = ("--collect", folder, "--results", str(results), "--readme", str(readme))
            self.assertIn("has no results", self.run_script(*arguments).stderr)
            for test in ("servers", "exact"):
                rows = [row for row in RESULTS["results"] if row["test"] == test]
                (parts / (test + ".json")).write_text(json.dumps({**RESULTS, "results": rows}), encoding="utf-8")
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(TABLE, readme.read_text(encoding="utf-8"))
            (parts / "lines.json").write_text(json.dumps({**RESULTS, "commit": "4567def"}), encoding="utf-8")
            self.assertIn("of several commits", self.run_script(*arguments).stderr)

    def test_a_change_by_hand_is_noticed_and_undone(self):
        with tempfile.TemporaryDirectory() as folder:
            readme, results = Path(folder) / "README.md", Path(folder) / "results.json"
            results.write_text(json.dumps(RESULTS), encoding="utf-8")
            shutil.copy(ROOT / "cpython_layouts/README.md", readme)
            places = ["--readme", readme, "--results", results]
            self.assertEqual(self.run_script("--check", *places).returncode, 1)
            self.assertEqual(self.run_script(*places).returncode, 0)
            text = readme.read_text(encoding="utf-8")
            self.assertIn(TABLE, text)
            self.assertEqual(self.run_script("--check", *places).returncode, 0)
            readme.write_text(text.replace("**2 failed**", "9"), encoding="utf-8")
            self.assertEqual(self.run_script("--check", *places).returncode, 1)
            self.assertEqual(self.run_script(*places).returncode, 0)
            self.assertEqual(readme.read_text(encoding="utf-8"), text)

    def test_marks_must_be_there(self):
        with tempfile.TemporaryDirectory() as folder:
            readme = Path(folder) / "README.md"
            readme.write_text("no table\n", encoding="utf-8")
            self.assertNotEqual(self.run_script("--readme", readme).returncode, 0)
            self.assertEqual(readme.read_text(encoding="utf-8"), "no table\n")


if __name__ == "__main__":
    unittest.main()
