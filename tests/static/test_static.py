# SPDX-License-Identifier: MIT
"""One static file: what it is made of, and that it does its work where there is nothing but it and /proc."""
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from pathlib import Path

from support.container import ContainedTarget, can_contain, innermost_child
from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest

MOST_BYTES = 12 * 1000 * 1000
PT_DYNAMIC, PT_INTERP, SHT_SYMTAB = 2, 3, 2


def read_header_types(path):
    """The types of an x86-64 ELF file's program headers and of its sections."""
    data = Path(path).read_bytes()
    programs_at, sections_at = struct.unpack_from("<QQ", data, 32)
    program_size, programs, section_size, sections = struct.unpack_from("<HHHH", data, 54)
    return ({struct.unpack_from("<I", data, programs_at + i * program_size)[0] for i in range(programs)},
            {struct.unpack_from("<I", data, sections_at + i * section_size + 4)[0] for i in range(sections)})


class Static(LiveTest):
    def make_root(self):
        """A folder with corotrace and a place for /proc."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        os.mkdir(Path(folder.name) / "proc")
        shutil.copy(self.binary, Path(folder.name) / "corotrace")
        return folder.name

    def test_the_file(self):
        segments, sections = read_header_types(self.binary)
        self.assertNotIn(PT_INTERP, segments)
        self.assertNotIn(PT_DYNAMIC, segments)
        self.assertNotIn(SHT_SYMTAB, sections)
        self.assertLess(os.path.getsize(self.binary), MOST_BYTES)

    def test_in_an_empty_root(self):
        if not can_contain():
            self.skipTest("no user namespaces here")
        with ContainedTarget(self.interpreter, "lines.py", "plain", pod=True) as target:
            target.expect("ready")
            prefix = [*target.enter("user", "pid"), "unshare", "--mount", f"--root={self.make_root()}", "--mount-proc",
                      "/corotrace"]
            listed = subprocess.run([*prefix, "list", "-f", "jsonl"], capture_output=True, text=True, check=True)
            mine = [line for line in map(json.loads, listed.stdout.splitlines()) if line["pid"] == target.inner_pid]
            self.assertEqual([line["attachable"] for line in mine], [True], listed)
            self.assertEqual([line["user"] for line in mine], [None], "no passwd file is there")
            command = [*prefix, "attach", "-p", target.inner_pid, "-f", "jsonl", "--every", "--native", *UNLIMITED]
            with Corotrace(*command) as corotrace:
                corotrace.wait_event("attached")
                target.say("go")
                said = target.until("done")
                # Ctrl-C is for the last of the chain that enters namespaces.
                os.kill(innermost_child(corotrace.pid), signal.SIGINT)
                result = corotrace.finish()
            self.check(result, every=True)
            self.assertEqual(result.summary["never_awaited"], len(said["drops"]), result)
            self.assertEqual(result.summary["coverage"]["state"], "exact", result)
            native = [finding["dropped"]["native"] for finding in result.events("finding")]
            # All but those for which the time for reading was over.
            self.assertTrue(any(native), result)
