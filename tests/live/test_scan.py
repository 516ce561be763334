# SPDX-License-Identifier: MIT
"""What scan and tasks find in a process that rests, held against what it knows of itself."""
import json
import os
import signal
import subprocess

from support.deadline import SECONDS, Deadline, Lines
from support.live_test import LiveTest
from support.schema import Schema
from support.target_process import proc_status


class Scan(LiveTest):
    def look(self, target, verb, *flags):
        done = subprocess.run([self.binary, verb, "-p", str(target.pid), "-f", "jsonl", *flags],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.check_let_go(target)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual({line["schema"] for line in lines}, {"corotrace/1"})
        self.assertEqual(Schema().faults(lines), [])
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
        (created,) = groups[0]["created_at"]
        self.assertEqual((created["name"], created["source"].strip()), ("main", 'PENDING.append(hoarded(number, "s3cret"))'))
        by_name = {group["coroutine"]["qualname"]: group for group in groups}
        self.assertIsNone(by_name["of_frame"]["created_at"])  # made before that was noted
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
        lines, summary = self.look(target, "tasks")
        tasks = [line for line in lines if line["event"] == "task"]
        self.assertEqual(sorted(task["name"] for task in tasks), said["tasks"])
        self.check_failed([line for line in lines if line["event"] == "failed_tasks"], summary)
        self.check_failed_futures([line for line in lines if line["event"] == "failed_futures"], summary)
        by_name = {task["name"]: task for task in tasks}
        names = {task["id"]: task["name"] for task in tasks}
        cycles = sorted(sorted(names[task] for task in cycle) for cycle in summary["cycles"])
        self.assertEqual(cycles, [["blue", "green", "red"], ["one", "three", "two"]])
        self.check_locks(by_name, names)
        for name, others in (("one", ["two"]), ("two", ["three"]), ("three", ["one"]),
                             ("gatherer", ["locked", "queued"]), ("sleeper 3", [])):
            self.assertEqual(sorted(names[task] for task in by_name[name]["waits_for"]), others)
        self.assertEqual(by_name["scheduled"]["state"], "created")
        self.assertEqual([frame["name"] for frame in by_name["scheduled"]["created_at"]], ["main"])
        self.assertIn('name="scheduled"', by_name["scheduled"]["created_at"][0]["source"])
        self.assertEqual(by_name["sleeper 7"]["state"], "waiting")
        functions = [frame["name"] for frame in by_name["sleeper 7"]["stack"]]
        self.assertEqual(functions, ["sleeper", "sleep"])
        self.assertEqual([frame["name"] for frame in by_name["queued"]["stack"]], ["queued", "get"])
        self.assertIn("Future", by_name["queued"]["waits_on"])
        target.end()

    def check_locks(self, by_name, names):
        """Of "lock" acquire() was called, so that nobody knows who holds it."""
        locks = {name: task["waits_for_lock"] for name, task in by_name.items() if task["waits_for_lock"]}
        found = {name: (lock["type"], lock["held_by"] and sorted(names[task] for task in lock["held_by"]))
                 for name, lock in locks.items()}
        of_pool = ["pooled 0", "pooled 1"]
        lock, pool = "asyncio.locks.Lock", "asyncio.locks.Semaphore"
        self.assertEqual(found, {"locked": (lock, None), "red": (lock, ["green"]), "green": (lock, ["blue"]),
                                 "blue": (lock, ["red"]), "pooled 0": (lock, None), "pooled 1": (lock, None),
                                 "pooled 2": (pool, of_pool), "pooled 3": (pool, of_pool)})

    def check_failed(self, groups, summary):
        """Three of four failed, and one of these was asked for its exception, and one more by gather()."""
        self.assertEqual((summary["done"], summary["unretrieved"]), (5, 2))
        (group,) = groups
        self.assertEqual((group["count"], group["exception"], group["coroutine"]["qualname"]),
                         (2, "__main__.OutOfStock", "failing"))
        self.assertIn(group["name"], ("failed 2", "failed 3"))
        self.assertEqual([frame["name"] for frame in group["raised"]], ["failing"])
        self.assertEqual(group["raised"][0]["source"].strip(), "raise OutOfStock(number)")

    def check_failed_futures(self, groups, summary):
        """Of three of each kind, one was asked; that of gather() was not."""
        self.assertEqual(summary["unretrieved_futures"], 5)
        found = {group["type"]: (group["count"], group["exception"], [frame["name"] for frame in group["raised"]])
                 for group in groups}
        self.assertEqual(found.pop("asyncio.tasks._GatheringFuture"), (1, "__main__.OutOfStock", ["failing"]))
        self.assertEqual(found.pop("asyncio.futures.Future"), (2, "__main__.OutOfStock", []))
        self.assertEqual(found, {"_asyncio.Future": (2, "__main__.OutOfStock", [])})

    def test_text(self):
        target, said = self.rest()
        for verb, flags, parts in (
                ("scan", (), ("      40  hoarded", "arguments: number: int", "2 are scheduled")),
                ("tasks", (), ("deadlock: ", "      20  waiting  sleeper")),
                ("tasks", ("--tree",), ("gatherer [waiting]", "\n  queued [waiting]"))):
            done = subprocess.run([self.binary, verb, str(target.pid), *flags], stdout=subprocess.PIPE,
                                  timeout=60, check=True)
            for part in parts:
                self.assertIn(part, done.stdout.decode())
        target.end()

    def test_of_a_program_that_allocates_wildly(self):
        """What lives through each scan is found, and nothing that the program never held.
        COROTRACE_TEST_SCANS=100 looks so often, as scripts/soak.sh does."""
        target = self.target("churning.py")
        self.addCleanup(target.__exit__)
        target.__enter__()
        said = target.expect("ready")
        for _ in range(int(os.environ.get("COROTRACE_TEST_SCANS", "10"))):
            groups, summary = self.look(target, "scan", "--holder-time", "1m")
            held = {}
            for group in groups:
                name = group["coroutine"]["qualname"]
                held[name] = held.get(name, 0) + group["count"]
                if name == "hoarded" and group["root"] == "module":
                    self.assertRegex(group["holder"], r"^__main__\.HOARD\[\d+\]$")
            # A thread that has to wait for a processor between a call and its await has one that is created.
            self.assertEqual({name: count for name, count in held.items() if name != "hoarded" and count > 1}, {})
            self.assertLessEqual(set(held), {"hoarded", "flowing", "closed", "numbers"})
            self.assertEqual(held["hoarded"], said["held"], summary)
        self.assertEqual(target.end(), 0)

    def watch(self, target, verb, *flags):
        """A process that looks again and again, and its lines; it is ended with the test."""
        watcher = subprocess.Popen([self.binary, verb, "-p", str(target.pid), "-f", "jsonl", *flags],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lines = Lines(os.dup(watcher.stdout.fileno()))
        watcher.stdout.close()

        def end():
            watcher.kill()
            watcher.wait()
        self.addCleanup(end)
        return watcher, lines

    def wait_for_look(self, lines, number):
        index, line = lines.wait_for(lambda line: b'_summary"' in line and json.loads(line)["look"] >= number,
                                     f"look {number}")
        self.assertIsNotNone(index, lines.all)
        return index, json.loads(line)

    def finish(self, watcher, lines, ended):
        Deadline().wait_exit(watcher.pid, "the end of the watch")
        self.assertEqual(watcher.wait(), 0)
        lines.wait_end("the last line")
        all_lines = [json.loads(line) for line in lines.all]
        self.assertEqual(Schema().faults(all_lines), [])
        looks = sum("look" in line for line in all_lines)
        self.assertEqual(all_lines[-1], {"schema": "corotrace/1", "event": "watch_end", "looks": looks, "ended": ended})
        return all_lines

    def test_watch_tells_what_stayed(self):
        target, said = self.rest()
        watcher, lines = self.watch(target, "scan", "--watch", "100ms", "--holder-time", "1m")
        index, summary = self.wait_for_look(lines, 2)
        self.assertGreaterEqual(summary["since_first_ms"], 100)
        start = self.wait_for_look(lines, 1)[0] + 1
        groups = [json.loads(line) for line in lines.all[start:index]]
        stayed = {group["coroutine"]["qualname"]: group["stayed"] for group in groups
                  if group["coroutine"]["type"] == "coroutine"}
        self.assertEqual(stayed, said["held"])
        self.assertEqual({group["growth"] for group in groups}, {0})
        self.assertTrue(all(group["oldest_ms"] >= 100 for group in groups), groups)
        watcher.send_signal(signal.SIGINT)
        self.finish(watcher, lines, "interrupted")
        self.check_let_go(target)
        target.end()

    def test_watch_ends_with_the_process(self):
        target, said = self.rest()
        watcher, lines = self.watch(target, "tasks", "--watch", "100ms")
        index, summary = self.wait_for_look(lines, 2)
        start = self.wait_for_look(lines, 1)[0] + 1
        tasks = [line for line in map(json.loads, lines.all[start:index]) if line["event"] == "task"]
        # All but the one that looks at the others wait for what never comes.
        self.assertEqual(sorted(task["name"] for task in tasks), said["tasks"])
        self.assertTrue(all(task["unmoved_ms"] >= 100 for task in tasks), tasks)
        self.assertEqual(len(summary["cycles"]), 2)
        target.end()
        self.finish(watcher, lines, "target exited")

    def test_frozen(self):
        target, said = self.rest()
        groups, summary = self.look(target, "scan", "--freeze", "--check-lists", "--holder-time", "1m")
        held = {group["coroutine"]["qualname"]: group["count"] for group in groups
                if group["coroutine"]["type"] == "coroutine"}
        self.assertEqual(held, said["held"])
        self.assertGreater(summary["stopped_us"], 0)
        _, summary = self.look(target, "tasks", "--freeze")
        self.assertGreater(summary["stopped_us"], 0)
        target.end()

    def test_progress_on_a_terminal(self):
        """So slow that it takes longer than the second after which a line tells how far it is."""
        target, _ = self.rest()
        end, tty = os.openpty()
        self.addCleanup(os.close, end)
        looker = subprocess.Popen([self.binary, "tasks", "-p", str(target.pid), "-f", "jsonl", "--max-bandwidth", "3"],
                                  stdout=subprocess.PIPE, stderr=tty, env={**os.environ, "TERM": "vt100"})
        os.close(tty)
        output, _ = looker.communicate(timeout=SECONDS)
        self.assertEqual(looker.returncode, 0)
        self.assertGreater(json.loads(output.splitlines()[-1])["bytes"], 3 << 20)
        shown = b""
        try:
            while part := os.read(end, 65536):
                shown += part
        except OSError:  # what a terminal reads as when its last other end is closed
            pass
        self.assertRegex(shown, rb"^\r[0-9]+ MB read in [0-9]+ s\x1b\[K\r")
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)
        target.end()

    def test_a_killed_scan_lets_the_process_go_on(self):
        target, _ = self.rest()
        # So slow that it has not ended before it is killed.
        watcher, _ = self.watch(target, "scan", "--freeze", "--max-bandwidth", "0.1")
        deadline = Deadline()
        while not (target.tracer_pid() and proc_status(target.pid, "State").startswith("t")):
            deadline.left("the process to be stopped")
            os.sched_yield()
        watcher.kill()
        watcher.wait()
        while target.tracer_pid():
            deadline.left("the process to be let go")
            os.sched_yield()
        self.assertEqual(target.end(), 0)
