# SPDX-License-Identifier: MIT
"""What scan and tasks find in a process that rests, held against what it knows of itself."""
import json
import subprocess

from support.live_test import LiveTest


class Scan(LiveTest):
    def look(self, target, verb, *flags):
        done = subprocess.run([self.binary, verb, "-p", str(target.pid), "-f", "jsonl", *flags],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.check_let_go(target)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({line["schema"] for line in lines}, {"corotrace/1"})
        return lines[:-1], lines[-1]

    def rest(self):
        target = self.target("held.py")
        self.addCleanup(target.__exit__)
        target.__enter__()
        said = target.expect("ready")
        target.wait_at_rest()
        return target, said

    def test_held(self):
        target, said = self.rest()
        groups, summary = self.look(target, "scan", "--check-lists")
        held = {group["coroutine"]["qualname"]: group["count"] for group in groups
                if group["coroutine"]["type"] == "coroutine"}
        self.assertEqual(held, said["held"])
        self.assertEqual({state: count for state, count in summary["coroutines"].items() if count}, said["states"])
        self.assertEqual(summary["scheduled"], said["scheduled"])
        self.assertEqual(summary["unread_bytes"], 0)
        asends = [group["count"] for group in groups if group["coroutine"]["type"] == "async_generator_asend"]
        self.assertEqual(asends, [said["asends"]])
        self.assertEqual(groups[0]["coroutine"]["qualname"], "hoarded")
        arguments = groups[0]["coroutine"]["arguments"]
        self.assertEqual([(one["name"], one["type"], one["value"]) for one in arguments],
                         [("number", "int", None), ("secret", "str[6]", None)])
        if not self.interpreter.is_free_threaded:
            count = sum(said["states"].values())
            self.assertIn(f"the collector's lists hold the same {count} coroutines", summary["notes"])
        target.end()

    def test_values_are_asked_for(self):
        target, _ = self.rest()
        groups, _ = self.look(target, "scan", "--show-values")
        arguments = {one["name"]: one["value"] for one in groups[0]["coroutine"]["arguments"]}
        self.assertIn(arguments["number"], map(str, range(40)))
        self.assertIsNone(arguments["secret"])
        target.end()

    def test_tasks(self):
        target, said = self.rest()
        tasks, summary = self.look(target, "tasks")
        self.assertEqual(sorted(task["name"] for task in tasks), said["tasks"])
        by_name = {task["name"]: task for task in tasks}
        names = {task["id"]: task["name"] for task in tasks}
        self.assertEqual([[names[task] for task in cycle] for cycle in summary["cycles"]].__len__(), 1)
        self.assertEqual({names[task] for task in summary["cycles"][0]}, {"one", "two", "three"})
        for name, others in (("one", ["two"]), ("two", ["three"]), ("three", ["one"]),
                             ("gatherer", ["locked", "queued"]), ("sleeper 3", [])):
            self.assertEqual(sorted(names[task] for task in by_name[name]["waits_for"]), others)
        self.assertEqual(by_name["scheduled"]["state"], "created")
        self.assertEqual(by_name["sleeper 7"]["state"], "waiting")
        functions = [frame["name"] for frame in by_name["sleeper 7"]["stack"]]
        self.assertEqual(functions, ["sleeper", "sleep"])
        self.assertEqual([frame["name"] for frame in by_name["queued"]["stack"]], ["queued", "get"])
        self.assertIn("Future", by_name["queued"]["waits_on"])
        target.end()

    def test_text(self):
        target, said = self.rest()
        for verb, flags, parts in (
                ("scan", (), ("      40  hoarded", "arguments: number: int", "1 are scheduled")),
                ("tasks", (), ("deadlock: ", "      20  waiting  sleeper")),
                ("tasks", ("--tree",), ("gatherer [waiting]", "\n  queued [waiting]"))):
            done = subprocess.run([self.binary, verb, str(target.pid), *flags], stdout=subprocess.PIPE,
                                  timeout=60, check=True)
            for part in parts:
                self.assertIn(part, done.stdout.decode())
        target.end()
