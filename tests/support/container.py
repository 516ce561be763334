# SPDX-License-Identifier: MIT
"""ContainedTarget: a target in user, pid and mount namespaces of its own, with another root where it has one.

No container engine is needed: these namespaces are what one makes. With `pod`, pid 1 is somebody else, as in a
pod whose containers share their pid namespace.
"""
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from .target_process import TargetProcess, proc_status

USER_AND_PID = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child")


def can_contain():
    """Whether this machine lets us make them: the kernel or a profile may forbid user namespaces."""
    done = subprocess.run([*USER_AND_PID, "--mount", "--mount-proc", "true"], capture_output=True, check=False)
    return done.returncode == 0


def innermost_child(pid):
    """The process at the end of a chain of only children."""
    while True:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if not children:
            return pid
        (pid,) = map(int, children)


class ContainedTarget(TargetProcess):
    """`pid` stays that of the process we started; `host_pid` and `inner_pid` are the target's two."""

    def __init__(self, interpreter, program, *arguments, pod=False):
        root = [f"--root={interpreter.root}"] if interpreter.root else []
        own = ["--mount", *root, "--mount-proc"]
        # The program itself, without what enters the root.
        python = interpreter.argv[-1:]
        command = [*python, interpreter.program(program), *map(str, arguments)]
        if pod:
            # The shell stays pid 1 because it has something to do afterwards; it passes the status on.
            line = shlex.join(["unshare", *own, *command]) + "; status=$?; exit $status"
            super().__init__([*USER_AND_PID, "sh", "-c", line])
        else:
            super().__init__([*USER_AND_PID, *own, *command])
        self.host_pid = None
        self.inner_pid = None

    def expect(self, event):
        said = super().expect(event)
        if event == "ready":
            self.host_pid = innermost_child(self.pid)
            self.inner_pid = said["pid"]
        return said

    def tracer_pid(self):
        return int(proc_status(self.host_pid, "TracerPid"))

    def enter(self, *namespaces):
        """The command prefix that enters some of its namespaces: user, pid, mount."""
        own = [f"--{name}" for name in namespaces]
        inside = ["--root", "--wd=/"] if "mount" in namespaces else []
        return ["nsenter", "--target", str(self.host_pid), "--preserve-credentials", *own, *inside]


class Bundle:
    """A program with all its libraries in one folder, to run it where none of them is installed."""

    def __init__(self, binary, root):
        self._folder = tempfile.TemporaryDirectory(dir=Path(root or "/") / "tmp")
        folder = Path(self._folder.name)
        os.chmod(folder, 0o755)
        subprocess.run(["strip", "-o", folder / "program", binary], check=True)
        inside = Path("/tmp") / folder.name
        # One that is linked statically needs none, and ldd says so by its status.
        told = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False)
        if told.returncode:
            self.command = [str(inside / "program")]
            return
        loader = None
        for word in told.stdout.split():
            if word.startswith("/"):
                shutil.copy(word, folder)
                loader = Path(word).name if "ld-linux" in word else loader
        self.command = [str(inside / loader), "--library-path", str(inside), str(inside / "program")]

    def close(self):
        self._folder.cleanup()
