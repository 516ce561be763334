# SPDX-License-Identifier: MIT
"""CpuLimit: a control group with a limit of processor time, version 1 or 2, whichever this machine has. Needs root's
rights."""
import tempfile
import time
from pathlib import Path

PERIOD_US = 100_000


class CpuLimit:
    def __init__(self, percent):
        """Raises OSError if there is none to be had."""
        quota = str(percent * PERIOD_US // 100)
        error = OSError("none is mounted")
        for root, files in (("/sys/fs/cgroup/cpu", {"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": quota}),
                            ("/sys/fs/cgroup/cpu,cpuacct", {"cpu.cfs_quota_us": quota}),
                            ("/sys/fs/cgroup", {"cpu.max": f"{quota} {PERIOD_US}"})):
            folder = None
            try:
                folder = Path(tempfile.mkdtemp(dir=root, prefix="corotrace-test-"))
                for name, text in files.items():
                    (folder / name).write_text(text)
                self.folder = folder
                return
            except OSError as failure:
                error = failure
                if folder:
                    folder.rmdir()
        raise error

    def add_myself(self):
        """For a child, before it executes its program."""
        (self.folder / "cgroup.procs").write_text("0")

    def remove(self):
        """Once all who were in it have ended."""
        enough = time.monotonic() + 60
        while (self.folder / "cgroup.procs").read_text() and time.monotonic() < enough:
            time.sleep(0.01)
        self.folder.rmdir()
