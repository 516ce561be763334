# SPDX-License-Identifier: MIT
"""Whose values are shown, and who can read the report."""
import json
import os
import stat
import tempfile
from pathlib import Path

from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest
from support.target_process import proc_status

SECRET, HARMLESS = "hunter2", "harmless"


class Private(LiveTest):
    def run_with(self, *flags):
        _, result = self.observe("private_values.py", flags=("--every", "-v", "-v", *flags, *UNLIMITED))
        for finding in result.events("finding"):
            # The program's own text.
            for frames in (finding["dropped"], finding["created"]):
                for frame in (frames or {}).get("frames") or []:
                    frame["source"] = None
        shown = {argument["name"]: argument["value"] for finding in result.events("finding")
                 for argument in finding["coroutine"]["arguments"] if not argument["redacted"]}
        return shown, json.dumps(result.events("finding")) + result.stderr

    def test_nothing_by_default(self):
        shown, text = self.run_with()
        self.assertEqual(shown, {})
        self.assertNotIn(SECRET, text)
        self.assertNotIn(HARMLESS, text)

    def test_values_without_secrets(self):
        shown, text = self.run_with("--show-values")
        self.assertNotIn(SECRET, text)
        self.assertEqual({name: shown[name] for name in ("user", "remember", "keyboard")},
                         dict.fromkeys(("user", "remember", "keyboard"), repr(HARMLESS)))
        self.assertEqual(set(shown), {"self", "user", "remember", "keyboard", "request", "**headers"})
        self.assertEqual(shown["request"], "{'auth': <hidden>, 'n': {'accessToken': <hidden>}, 'url': 'harmless', "
                                           "'user-secret': <hidden>}")
        self.assertEqual(shown["**headers"], "{'Accept': 'harmless', 'Cookie': <hidden>}")

    def test_what_is_named_is_shown(self):
        shown, text = self.run_with("--show-value", "password", "--show-value", "tok*")
        self.assertEqual(shown, {"password": repr(SECRET), "*tokens": "('hunter2 a', 'hunter2 b')"})
        self.assertNotIn(HARMLESS, text)

    def test_only_what_tracing_needs(self):
        """Of root's rights those to trace, to read and to run first are left, in every thread, and none can be got back."""
        # include/uapi/linux/capability.h: DAC_OVERRIDE, DAC_READ_SEARCH, SYS_PTRACE, SYS_NICE
        kept = 1 << 1 | 1 << 2 | 1 << 19 | 1 << 23
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        with self.attach(target) as corotrace:
            for thread in os.listdir(f"/proc/{corotrace.pid}/task"):
                path = f"{corotrace.pid}/task/{thread}"
                for field in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
                    self.assertEqual(int(proc_status(path, field), 16) & ~kept, 0, field)
                self.assertEqual(proc_status(path, "NoNewPrivs"), "1")
            target.say("drop")
            target.expect("dropped")
            result = corotrace.stop()
        self.check(result)
        self.assertEqual(result.summary["never_awaited"], 100, result)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_target_of_another_user(self):
        """What is left is enough for it."""
        if os.geteuid() != 0:
            self.skipTest("needs root")
        if not self.interpreter.argv[0].startswith("/usr/"):
            self.skipTest("an interpreter that other users cannot run")
        target = self.enterContext(self.target("resting.py", user=65534, group=65534, extra_groups=[]))
        target.expect("ready")
        with self.attach(target) as corotrace:
            target.say("drop")
            target.expect("dropped")
            result = corotrace.stop()
        self.check(result)
        self.assertGreaterEqual(result.summary["sampled"], 1, result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_report_is_for_its_owner_alone(self):
        """Whatever the umask, and through no link that somebody put there."""
        target = self.enterContext(self.target("resting.py"))
        target.expect("ready")
        with tempfile.TemporaryDirectory() as folder:
            victim, link = Path(folder) / "victim", Path(folder) / "link"
            victim.write_text("untouched")
            link.symlink_to(victim)
            before = os.umask(0)
            try:
                report = Path(folder) / "report"
                report.write_text("older")
                report.chmod(0o666)
                for path, status in ((link, 2), (report, 0)):
                    with Corotrace(self.binary, "attach", target.pid, "-d", "100ms", "-o", path) as corotrace:
                        self.assertEqual(corotrace.finish().status, status, corotrace.result)
            finally:
                os.umask(before)
            self.assertEqual(victim.read_text(), "untouched")
            self.assertEqual(stat.S_IMODE(report.stat().st_mode), 0o600)
            self.assertIn("never-awaited", report.read_text())
            self.assertEqual(sorted(os.listdir(folder)), ["link", "report", "victim"])
        self.assertEqual(target.end(), 0, target.stderr())
