# SPDX-License-Identifier: MIT
"""By what a coroutine is held: a coroutine in each kind of holder, each found by its path."""
import json
import subprocess

from support.deadline import SECONDS
from support.live_test import LiveTest

MODULE = {
    "of_global": "GLOBAL", "of_tuple": "TUPLE[1]", "of_big_tuple": "BIG_TUPLE[3000]", "of_dict": "DICT[<str[10]>]",
    "of_defaultdict": "DEFAULTS[<str[1]>][0]", "of_ordered_dict": "ORDERED[<str[1]>]", "of_set": "SET{...}",
    "of_big_set": "BIG_SET{...}", "of_frozen": "FROZEN{...}", "of_deque": "DEQUE[2]", "of_partial": "PARTIAL.args[1]",
    "of_keyword": "KEYWORD.keywords[<str[3]>]", "of_method": "METHOD.__self__", "of_attribute": "OWN.job",
    "of_instance_dict": "PLAIN.job", "of_slot": "SLOTS.job", "of_nested": "NESTED[<str[1]>][0][1].inner[0]",
    "of_future_of_module": "FUTURE.(inside)", "not_started": "NOT_STARTED"}
FRAMES = {
    "of_generator": ("kept", "suspended frame", "generator"), "of_argument": ("argument", "frame not started", "not_started"),
    "of_running_frame": ("kept", "running frame", "runs"), "of_task_argument": ("argument[0]", "suspended frame", "waits"),
    "of_handle": ("handle._args[0]", "running frame", "main"), "of_queue": ("queue._queue[0]", "running frame", "main"),
    "of_suspended_frame": ("kept", "suspended frame", "waits"), "of_frame_cell": ("in_cell", "suspended frame", "waits")}


class Holders(LiveTest):
    def look(self, *flags):
        target = self.target("holders.py")
        self.addCleanup(target.__exit__)
        target.__enter__()
        said = target.expect("ready")
        target.wait_at_rest()
        done = subprocess.run([self.binary, "scan", "-p", str(target.pid), "-f", "jsonl", "--holder-time", "2m",
                               *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.check_let_go(target)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        target.end()
        return said, {line["coroutine"]["qualname"]: line for line in lines[:-1]}, lines[-1]

    def test_paths(self):
        said, groups, summary = self.look()
        if self.interpreter.is_free_threaded:
            self.assertEqual({group["holder"] for group in groups.values()}, {None})
            self.assertIn("free-threaded", " ".join(summary["notes"]))
            return
        self.assertEqual(summary["held"], said["held"])
        module = {name: (group["holder"], group["root"]) for name, group in groups.items() if name in MODULE}
        self.assertEqual(module, {name: ("__main__." + path, "module") for name, path in MODULE.items()})
        frames = {name: (group["holder"], group["root"], group["root_frame"] and group["root_frame"]["name"])
                  for name, group in groups.items() if name in FRAMES}
        self.assertEqual(frames, FRAMES)
        of_class = groups["of_class"]
        self.assertEqual((of_class["holder"], of_class["root"]), ("__main__.OfClass.JOB", "class"))
        of_closure = groups["of_closure"]
        self.assertEqual(of_closure["root"], "function")
        self.assertIn("<lambda>.__closure__[0]", of_closure["holder"])
        many = groups["of_list"]
        self.assertEqual((many["count"], many["held_in"], many["root"]), (200, "__main__.LIST[...]", "module"))
        self.assertRegex(many["holder"], r"^__main__\.LIST\[\d+\]$")
        nothing = groups["of_nothing"]
        self.assertEqual((nothing["holder"], nothing["held_in"], nothing["root"]), (None, None, None))

    def test_keys_are_values(self):
        _, groups, _ = self.look("--show-values")
        if not self.interpreter.is_free_threaded:
            self.assertEqual(groups["of_dict"]["holder"], "__main__.DICT['secret key']")
