# SPDX-License-Identifier: MIT
"""What cannot be traced is refused, each case by its own message and exit code, and is left alone."""
import glob
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from support.corotrace import Corotrace
from support.deadline import Deadline
from support.live_test import LiveTest
from support.target_process import proc_status
from support.tracer import TRACER

USAGE, NO_PROCESS, DENIED, UNSUPPORTED = 2, 3, 4, 5


def waits_forever_32_bit():
    """A 32-bit program that calls pause() for ever: ELF header, one segment, ten bytes of code."""
    code = bytes.fromhex("b81d000000cd80ebf7")  # mov $29,%eax; int $0x80; jmp back
    base, headers = 0x08048000, 52 + 32
    header = b"\x7fELF\x01\x01\x01" + bytes(9)
    header += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + headers, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    header += struct.pack("<IIIIIIII", 1, 0, base, base, headers + len(code), headers + len(code), 5, 0x1000)
    return header + code


class Errors(LiveTest):
    def start(self, *command, **popen):
        """A process of ours that is killed and reaped in the end."""
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **popen)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def refuse(self, pid, status, *parts, arguments=(), **popen):
        """corotrace says why and how it is, in a message for a person that names the pid."""
        command = ("attach", "-p", pid, "-f", "jsonl", "-d", "30", *arguments)
        with Corotrace(self.binary, *command, **popen) as corotrace:
            result = corotrace.finish()
        self.assertEqual(result.status, status, result)
        self.assertEqual(result.lines, [], result)
        self.assertLessEqual(result.stderr.count("cannot attach"), 1, result)
        for part in (str(pid), *parts):
            self.assertRegex(result.stderr, re.compile(part, re.IGNORECASE))
        return result

    def resting(self, **popen):
        target = self.enterContext(self.target("resting.py", **popen))
        target.expect("ready")
        return target

    def test_no_such_process(self):
        process = subprocess.Popen(["true"])
        process.wait()
        self.refuse(process.pid, NO_PROCESS, "no such process")

    def test_thread_id(self):
        target = self.enterContext(self.target("exact.py", "ignore", 0))
        target.expect("ready")
        tids = [int(name) for name in os.listdir(f"/proc/{target.pid}/task")]
        tid = next(tid for tid in tids if tid != target.pid)
        self.refuse(tid, USAGE, "thread", str(target.pid))

    def test_zombie(self):
        process = self.start("true")
        Deadline().wait_exit(process.pid, "true")
        self.refuse(process.pid, NO_PROCESS, "zombie|has ended")

    def test_kernel_thread(self):
        # kthreadd; in a container pid 2 is something else, and Kthread: is there from Linux 6.8 on.
        try:
            is_kernel = proc_status(2, "Name") == "kthreadd"
        except OSError:
            is_kernel = False
        if not is_kernel:
            self.skipTest("no kernel thread can be seen here")
        self.refuse(2, UNSUPPORTED, "kernel thread")

    def as_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")

    def test_other_user(self):
        self.as_root()
        target = self.resting()
        # The binary must be readable for everybody, its folder may be not.
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            binary = Path(folder) / "corotrace"
            binary.write_bytes(Path(self.binary).read_bytes())
            binary.chmod(0o755)
            before, self.binary = self.binary, binary
            try:
                self.refuse(target.pid, DENIED, "user|root|uid", user=65534, group=65534, extra_groups=[])
            finally:
                self.binary = before
        self.check_let_go(target)

    def test_missing_capability(self):
        """Root without CAP_SYS_PTRACE, as in most containers, before a process of somebody else."""
        self.as_root()
        target = self.start("cat", user=65534, group=65534, extra_groups=[])
        command = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace", self.binary]
        with Corotrace(command[0], *command[1:], "attach", "-p", target.pid, "-d", "30") as corotrace:
            result = corotrace.finish()
        self.assertEqual(result.status, DENIED, result)
        self.assertRegex(result.stderr, "CAP_SYS_PTRACE")
        self.assertEqual(proc_status(target.pid, "TracerPid"), "0")

    def test_already_traced(self):
        target = self.resting()
        tracer = self.start(sys.executable, "-c", TRACER, str(target.pid))
        self.assertEqual(tracer.stdout.readline(), b"traced\n")
        self.refuse(target.pid, DENIED, "traced", str(tracer.pid), "python3")

    def test_already_traced_by_corotrace(self):
        target = self.resting()
        with self.attach(target) as first:
            self.refuse(target.pid, DENIED, "traced", str(first.pid), "corotrace")
            target.say("drop")
            target.expect("dropped")
            result = first.stop()
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 100, result)

    def test_not_python(self):
        process = self.start("cat")
        self.refuse(process.pid, UNSUPPORTED, "python", "cat")
        self.assertEqual(proc_status(process.pid, "TracerPid"), "0")

    def test_32_bit(self):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(waits_forever_32_bit())
        self.addCleanup(os.unlink, file.name)
        os.chmod(file.name, stat.S_IRWXU)
        try:
            process = self.start(file.name)
        except OSError as error:
            self.skipTest(f"this kernel runs no 32-bit programs: {error}")
        self.refuse(process.pid, UNSUPPORTED, "32-bit")

    def test_old_python(self):
        found = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/[23].[0-9]*/bin/python")))
        old = [path for path in found
               if subprocess.run([path, "-c", "import sys; sys.exit(sys.version_info >= (3, 8))"],
                                 check=False).returncode == 0]
        if not old:
            self.skipTest("no Python older than 3.8 found")
        for path in old:
            with self.subTest(path=path):
                process = self.start(path, "-c", "import sys; sys.stdout.write('up\\n'); "
                                                 "sys.stdout.flush(); sys.stdin.read()")
                self.assertEqual(process.stdout.readline(), b"up\n")
                version = re.search(r"versions/(\d\.\d+)", path).group(1)
                self.refuse(process.pid, UNSUPPORTED, re.escape(version), "3\\.8")

    def test_pypy(self):
        found = glob.glob(os.path.expanduser("~/.pyenv/versions/pypy3*/bin/pypy3")) + glob.glob("/usr/bin/pypy3")
        if not found:
            self.skipTest("no PyPy found")
        process = self.start(found[0], "-c", "print('up', flush=True); input()")
        self.assertEqual(process.stdout.readline(), b"up\n")
        self.refuse(process.pid, UNSUPPORTED, "pypy")

    def test_usage(self):
        for arguments in ([], ["attach"], ["attach", "-p", "x"], ["attach", "-p", "0"], ["attach", "-p", "-5"],
                          ["attach", "-p", "1", "-d", "-1"], ["attach", "-p", "1", "-d", "soon"],
                          ["attach", "-p", "1", "-f", "nonsense"], ["attach", "-p", "1", "--no-such-flag"],
                          ["attach", "-p", "1", "--max-pause-share", "0"], ["nonsense"],
                          ["attach", "-p", "99999999999999999999"]):
            with self.subTest(arguments=arguments), Corotrace(self.binary, *arguments) as corotrace:
                result = corotrace.finish()
                self.assertEqual(result.status, USAGE, result)
                self.assertEqual(result.lines, [], result)
                self.assertNotEqual(result.stderr, "")

    def test_help(self):
        """Help and version say what they say and exit with 0."""
        for arguments in (["--help"], ["attach", "--help"], ["-V"], ["--version"]):
            with self.subTest(arguments=arguments), Corotrace(self.binary, *arguments) as corotrace:
                result = corotrace.finish()
                self.assertEqual(result.status, 0, result)
                self.assertIn("corotrace", corotrace.text())

    def test_target_ends_while_attaching(self):
        """Many short-lived targets: an exit code for each, never a hang, a crash or a hurt target."""
        for _ in range(10):
            target = self.enterContext(self.target("resting.py"))
            target.expect("ready")
            with Corotrace(self.binary, "attach", "-p", target.pid, "-f", "jsonl") as corotrace:
                self.assertEqual(target.end(), 0, target.stderr())
                result = corotrace.finish()
            if result.status == UNSUPPORTED:
                self.assertRegex(result.stderr, "starting|going to start")
            else:
                self.assertIn(result.status, (0, NO_PROCESS), result)
