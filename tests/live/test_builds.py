# SPDX-License-Identifier: MIT
"""The same interpreter in other shapes: stripped, deleted or replaced while it runs, embedded, twice, too new."""
import os
import shutil
import tempfile
from pathlib import Path

from support import compare
from support.builds import InterpreterCopy, compile_embedding, embedded
from support.corotrace import Corotrace
from support.live_test import LiveTest

UNSUPPORTED = 5


def owner_of_data(pid):
    """The file whose writable segment the counters follow; they begin with kStubMagic (stub_data.hpp)."""
    owner = None
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            words = line.split(None, 5)
            start, end = (int(word, 16) for word in words[0].split("-"))
            owner = words[5] if len(words) > 5 else owner
            if words[1].startswith("rw"):
                memory.seek(start)
                if b"COROTRC5" in memory.read(end - start):
                    return owner
    raise AssertionError("no counters found")


class Builds(LiveTest):
    def copy(self):
        copy = InterpreterCopy(self.interpreter)
        self.addCleanup(copy.close)
        return copy

    def scratch(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def check_exact(self, target):
        """Every drop of exact.py, in all and by name; returns the result."""
        with self.attach(target, "--every", "--max-pause-share", "100") as corotrace:
            target.say("go")
            said = target.until("done")
            result = corotrace.stop()
        self.check(result, every=True)
        self.no_differences(compare.counts(said["scripted"], said["truth"]), "the shim against the script")
        self.no_differences(compare.counts(said["truth"], result.counts()), result)
        self.assertEqual(result.summary["never_awaited"], sum(said["truth"].values()), result)
        self.no_differences(compare.coverage(result.summary), result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())
        return result

    def test_stripped(self):
        copy = self.copy()
        copy.strip()
        with copy.start("exact.py", "ignore", 5) as target:
            target.expect("ready")
            self.check_exact(target)

    def test_deleted_while_it_runs(self):
        copy = self.copy()
        with copy.start("exact.py", "ignore", 5) as target:
            target.expect("ready")
            for path in {copy.program, copy.image}:
                path.unlink()
            result = self.check_exact(target)
            self.assertIn("(deleted)", result.events("attached")[0]["executable"])

    def test_replaced_while_it_runs(self):
        """As a package upgrade does it: another file is renamed over the one that runs."""
        copy = self.copy()
        with copy.start("exact.py", "ignore", 5) as target:
            target.expect("ready")
            for path in {copy.program, copy.image}:
                other = path.with_suffix(".new")
                shutil.copy("/bin/sh", other)
                os.replace(other, path)
            self.check_exact(target)

    def embedding(self):
        library = self.interpreter.facts["libpython"]
        if self.interpreter.root or not library:
            self.skipTest("has no libpython that programs of this machine can be linked with")
        return library, compile_embedding(library, self.scratch())

    def test_embedded(self):
        _, program = self.embedding()
        with embedded(self.interpreter, program, "exact.py", "ignore", 5) as target:
            target.expect("ready")
            result = self.check_exact(target)
            self.assertEqual(result.events("attached")[0]["executable"], str(program))

    def test_library_loaded_twice(self):
        library, program = self.embedding()
        second = shutil.copy(library, Path(self.scratch()) / "libpython-second.so")
        with embedded(self.interpreter, program, "exact.py", "ignore", 5, libraries=[str(second)]) as target:
            target.expect("ready")
            self.assertIn("libpython-second.so", Path(f"/proc/{target.pid}/maps").read_text())
            self.check_exact(target)

    def test_two_of_them_run(self):
        """The one with the threads is watched, and the report names the other."""
        library, program = self.embedding()
        second = shutil.copy(library, Path(self.scratch()) / "libpython-second.so")
        libraries = [str(second), "run"]
        with embedded(self.interpreter, program, "exact.py", "ignore", 5, libraries=libraries) as target:
            try:
                target.expect("ready")
            except AssertionError as error:
                # CPython does not promise that it can; 3.11.7 frees in one what the other one allocated.
                self.skipTest(f"two cannot run in one process: {error}")
            result = self.check_exact(target)
            notes = "\n".join(result.events("attached")[0]["notes"])
            self.assertRegex(notes, r"runs a second CPython, .*libpython-second\.so.*not watched")

    def test_malloc_has_none_of_our_bytes(self):
        """musl's allocates from what lies behind the data of the program and what it is linked with."""
        if "musl" not in self.interpreter.traits:
            self.skipTest("is not linked with musl")
        with self.target("resting.py") as target:
            target.expect("ready")
            with self.attach(target) as corotrace:
                owner = owner_of_data(target.pid)
                corotrace.stop()
        self.assertIn("/lib-dynload/", owner)

    def pretend(self):
        if self.interpreter.version < (3, 13):
            self.skipTest("no debug offsets before 3.13")
        copy = self.copy()
        copy.pretend(16)
        return copy.start("exact.py", "ignore", 5)

    def test_newer_version_that_fits(self):
        if self.interpreter.version != (3, 15):
            self.skipTest("is not the newest")
        with self.pretend() as target:
            target.expect("ready")
            result = self.check_exact(target)
            (attached,) = result.events("attached")
            self.assertRegex(attached["python"], r"^3\.16\.")
            self.assertRegex("\n".join(attached["notes"]), r"3\.16\.\d has no table here; .*: experimental")
            # What the bytecode would tell stays unknown; the line that made it, if that was noted, tells of these.
            by_line = {"forgotten_argument": "passed_to_function", "forgotten_builtin": "passed_to_function"}
            for site in result.drops("site"):
                mistake = site["mistake"]["id"]
                if not mistake.startswith(("held_at_", "kept_in_cycle")):
                    self.assertIn(mistake, ("unknown", by_line.get(site["coroutine"]["qualname"])), site)

    def test_newer_version_that_does_not_fit(self):
        if self.interpreter.version == (3, 15):
            self.skipTest("fits")
        with self.pretend() as target:
            target.expect("ready")
            with Corotrace(self.binary, "attach", "-p", target.pid, "-f", "jsonl") as corotrace:
                result = corotrace.finish()
            self.assertEqual(result.status, UNSUPPORTED, result)
            self.assertEqual(result.lines, [])
            self.assertRegex(result.stderr, r"CPython 3\.16\.\d.* is not supported; supported are 3\.8 .* 3\.15")
            self.check_let_go(target)
