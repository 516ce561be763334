# SPDX-License-Identifier: MIT
"""Each obstacle that corotrace doctor knows and that can be made real here, in namespaces or by dropped rights."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from support.container import USER_AND_PID, can_contain
from support.deadline import Lines
from support.doctor import run_doctor
from support.live_test import LiveTest
from test_errors import waits_forever_32_bit

NOBODY = 65534
WITHOUT_PTRACE = ("setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace")
AS_NOBODY = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")

# Says that it is there and waits; with an argument it first makes itself not dumpable (PR_SET_DUMPABLE).
WAITS = """
import ctypes, sys
if sys.argv[1:]:
    assert ctypes.CDLL(None).prctl(4, 0, 0, 0, 0) == 0
print("ready", flush=True)
sys.stdin.read()
"""

# Runs argv[2:] under a filter that answers ptrace(2) with argv[1] (linux/seccomp.h).
FILTERED = """
import ctypes, os, struct, sys
number = {"x86_64": 101, "aarch64": 117}[os.uname().machine]
code = b"".join(struct.pack("=HBBI", *line) for line in (
    (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, int(sys.argv[1], 0)), (0x06, 0, 0, 0x7fff0000)))
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[2], sys.argv[2:])
"""
ANSWERS_EPERM, KILLS = "0x00050001", "0x80000000"


def find_cpu_groups():
    """The folder of control groups that limit the processor, and the files to do it with, if we may."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ")
        folder, (kind, _, options) = before.split()[4], after.split()
        if kind == "cgroup" and "cpu" in options.split(",") and os.access(folder, os.W_OK):
            return Path(folder), {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "5000"}
        has = Path(folder) / "cgroup.subtree_control"
        if kind == "cgroup2" and os.access(has, os.W_OK) and "cpu" in has.read_text().split():
            return Path(folder), {"cpu.max": "5000 100000"}
    return None, None


class Obstacles(LiveTest):
    def start(self, *command, **popen):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", **popen)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def waiting(self, *arguments, python="/usr/bin/python3", **popen):
        process = self.start(python, "-c", WAITS, *arguments, **popen)
        lines = Lines(os.dup(process.stdout.fileno()))
        self.assertEqual(lines.wait_for(lambda _: True, "the target")[1].strip(), b"ready")
        return process

    def as_root(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to become somebody else")

    def readable_for_all(self):
        """A copy of corotrace: its own folder may be closed to others."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        binary = Path(folder.name) / "corotrace"
        shutil.copy(self.binary, binary)
        binary.chmod(0o755)
        return binary

    def find_states(self, told, *ids):
        return {name: told[name]["state"] for name in ids}

    def test_nothing_without_a_process(self):
        told = run_doctor(self)
        self.assertEqual(told.verdict["next"], "corotrace list")
        self.assertIsNone(told.verdict["pid"])

    def test_no_such_process(self):
        process = subprocess.Popen(["true"])
        process.wait()
        self.assertEqual(run_doctor(self, process.pid, status=3).obstacles, ["process"])

    def test_a_thread(self):
        process = self.start(sys.executable, "-c", "import threading\nthreading.Thread(target=input).start()\n"
                             "print(threading.enumerate()[1].native_id, flush=True)")
        tid = int(process.stdout.readline())
        told = run_doctor(self, tid, status=2)
        self.assertEqual(told["process"]["fix"], f"corotrace doctor --pid {process.pid}")

    def test_not_python(self):
        told = run_doctor(self, self.start("cat").pid, status=5)
        self.assertEqual(told.obstacles, ["interpreter"])
        self.assertEqual(told["layout"]["state"], "unknown")

    def test_32_bit(self):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(waits_forever_32_bit())
        self.addCleanup(os.unlink, file.name)
        os.chmod(file.name, 0o700)
        try:
            process = self.start(file.name)
        except OSError:
            self.skipTest("the kernel runs no 32-bit programs")
        self.assertEqual(run_doctor(self, process.pid, status=5).obstacles[0], "process")

    def test_another_user(self):
        self.as_root()
        told = run_doctor(self, self.waiting().pid, status=4, prefix=AS_NOBODY, binary=self.readable_for_all())
        self.assertEqual(set(told.obstacles) - {"yama"}, {"capability", "user", "target_capabilities", "access"})
        self.assertIn(str(NOBODY), told["user"]["found"])

    def test_no_capability(self):
        """Root without CAP_SYS_PTRACE, as in most containers."""
        self.as_root()
        target = self.waiting(user=NOBODY, group=NOBODY, extra_groups=[])
        told = run_doctor(self, target.pid, status=4, prefix=WITHOUT_PTRACE)
        self.assertEqual(set(told.obstacles) - {"yama"}, {"capability", "user", "access"})
        self.assertEqual(told["bounding_set"]["state"], "weaker", told)

    def test_more_capabilities(self):
        self.as_root()
        told = run_doctor(self, self.waiting().pid, status=4, prefix=WITHOUT_PTRACE)
        self.assertEqual(set(told.obstacles) - {"yama"}, {"capability", "target_capabilities", "access"})

    def test_not_dumpable(self):
        self.as_root()
        target = self.waiting("closed", user=NOBODY, group=NOBODY, extra_groups=[])
        told = run_doctor(self, target.pid, status=4, prefix=AS_NOBODY, binary=self.readable_for_all())
        self.assertEqual(set(told.obstacles) - {"yama"}, {"capability", "dumpable", "access"})
        self.assertEqual(told["user"]["state"], "ok", told)

    def test_no_new_privileges(self):
        self.as_root()
        prefix = (*AS_NOBODY, "--no-new-privs")
        told = run_doctor(self, self.waiting().pid, status=4, prefix=prefix, binary=self.readable_for_all())
        self.assertEqual(told["no_new_privs"]["state"], "weaker", told)

    def test_hidepid(self):
        self.as_root()
        target = self.waiting()
        script = 'mount -t proc -o hidepid=2 proc /proc || exit 77; exec "$@"'
        prefix = ("unshare", "--mount", "sh", "-c", script, "sh", *AS_NOBODY)
        # kill(2) tells nobody whether a process of somebody else exists unless it may be signalled.
        told = run_doctor(self, target.pid, status=4, prefix=prefix, binary=self.readable_for_all())
        self.assertIn("hidepid", told.obstacles)
        self.assertRegex(told["hidepid"]["found"], "hidepid=(2|invisible)")

    def test_filtered(self):
        for answer, word in ((ANSWERS_EPERM, "refused"), (KILLS, "ends")):
            told = run_doctor(self, self.waiting().pid, status=4, prefix=(sys.executable, "-c", FILTERED, answer))
            self.assertEqual(told.obstacles, ["seccomp"])
            self.assertIn(word, told["seccomp"]["found"])

    def test_inner_user_namespace(self):
        if not can_contain():
            self.skipTest("no user namespaces here")
        prefix = ("unshare", "--user", "--map-root-user")
        told = run_doctor(self, self.waiting().pid, status=4, prefix=prefix)
        self.assertIn("user_namespace", told.obstacles)

    def test_proc_of_another_namespace(self):
        if not can_contain():
            self.skipTest("no user namespaces here")
        told = run_doctor(self, self.waiting().pid, status=4, prefix=USER_AND_PID)
        self.assertEqual(told.obstacles, ["proc"])

    def test_refused_writes(self):
        library = Path(self.binary).parent / "tests/librefuse_code.so"
        self.assertTrue(library.exists(), library)
        told = run_doctor(self, self.waiting().pid, env={"LD_PRELOAD": str(library)})
        self.assertEqual(told["force_override"]["state"], "weaker", told)

    def test_replaced_program(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        program = Path(folder.name) / "python3.11"
        shutil.copy(os.path.realpath("/usr/bin/python3"), program)
        target = self.waiting(python=program)
        self.assertEqual(run_doctor(self, target.pid)["files"]["state"], "ok")
        other = Path(folder.name) / "other"
        shutil.copy(program, other)
        os.rename(other, program)
        told = run_doctor(self, target.pid)
        self.assertEqual(told["files"]["state"], "weaker", told)
        self.assertIn(str(program), told["files"]["found"])

    def test_quota(self):
        folder, settings = find_cpu_groups()
        if folder is None:
            self.skipTest("no control group of the processor may be made here")
        group = folder / f"corotrace-test-{os.getpid()}"
        group.mkdir()
        self.addCleanup(group.rmdir)
        for name, value in settings.items():
            (group / name).write_text(value)
        prefix = ("sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh")
        told = run_doctor(self, prefix=prefix)
        self.assertEqual(told["cpu_quota"]["state"], "weaker", told)
        self.assertIn("50m", told["cpu_quota"]["found"])

    def test_remedy_in_kubernetes(self):
        self.as_root()
        target = self.waiting(user=NOBODY, group=NOBODY, extra_groups=[])
        told = run_doctor(self, target.pid, status=4, prefix=WITHOUT_PTRACE, env={"KUBERNETES_SERVICE_HOST": "::1"})
        command, *spec = told["capability"]["fix"].splitlines()
        self.assertTrue(command.startswith("kubectl debug -it POD "), command)
        pod = yaml.safe_load("\n".join(spec))["spec"]
        self.assertTrue(pod["shareProcessNamespace"])
        self.assertEqual(pod["containers"][0]["securityContext"],
                         {"runAsUser": 0, "capabilities": {"add": ["SYS_PTRACE"]}})

    def test_text(self):
        done = subprocess.run([self.binary, "doctor", str(self.start("cat").pid)], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 5, done)
        self.assertRegex(done.stdout, r"(?m)^obstacle +interpreter +cat .*is not a Python process")
        self.assertRegex(done.stdout, r"(?m)^ +fix  corotrace list$")
        self.assertTrue(done.stdout.endswith("\nnot usable: interpreter\n"), done.stdout)
