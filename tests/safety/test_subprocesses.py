# SPDX-License-Identifier: MIT
"""-s: children made in every way are followed and told of by pid, each with its own count, and let go."""
import signal

from support import compare
from support.corotrace import Corotrace
from support.live_test import UNLIMITED, LiveTest
from support.target_process import proc_status

DROPS, OF_PARENT = 100, 10


def split(lines):
    """[(pid, lines from attached to summary)], in the order of their ends; and the total."""
    open_, closed = {}, []
    for line in lines[:-1]:
        open_.setdefault(line["pid"], []).append(line)
        if line["event"] == "summary":
            closed.append((line["pid"], open_.pop(line["pid"])))
    return closed, open_, lines[-1]


class Subprocesses(LiveTest):
    def tree(self):
        target = self.enterContext(self.target("process_tree.py"))
        return target, target.expect("ready")["ways"]

    def follow(self, target, *flags):
        return self.enterContext(self.attach(target, "-s", "--every", *UNLIMITED, *flags))

    def run_way(self, target, corotrace, way):
        """The pids that were told to work, in order; each waits to be attached to before it drops."""
        target.say(way)
        rounds = 2 if way == "become" else 1
        pids = []
        for _ in range(rounds):
            for _ in range(4 if way == "prefork" else 1):
                pid = target.expect("child")["pid"]
                pids.append(pid)
                corotrace.wait_that(lambda line, pid=pid: (line["event"], line.get("pid")) == ("attached", pid),
                                    f"attached to {pid}", pids.count(pid))
            target.say("drop")
            for _ in pids[-4:] if way == "prefork" else pids[-1:]:
                target.expect("dropped")
            if rounds == 2 and len(pids) == 1:
                # It goes on to the other program, whose stdin is the same pipe.
                target.say("drop")
        for pid in pids:
            self.assertNotEqual(proc_status(pid, "TracerPid"), "0")
        target.say("finish")
        self.assertEqual(set(target.expect("finished")["statuses"]), {0}, way)
        return pids

    def check_tree(self, result, status=0, every=True):
        self.assertEqual(result.status, status, result)
        self.no_differences(self.schema.faults(result.lines), result)
        sessions, left_open, total = split(result.lines)
        self.assertEqual(left_open, {}, result)
        for _, lines in sessions:
            self.no_differences(compare.consistency(lines, every), result)
        self.assertEqual(total["event"], "total", result)
        self.assertEqual(total["never_awaited"], sum(lines[-1]["never_awaited"] for _, lines in sessions), result)
        self.assertEqual(total["programs"], len(sessions), result)
        self.assertEqual(total["processes"], len({pid for pid, _ in sessions}), result)
        exact = sum(lines[-1]["coverage"]["state"] == "exact" for _, lines in sessions)
        self.assertEqual(total["exact"], exact, result)
        return sessions

    def drops(self, sessions):
        """{pid: [drops by name, for each program]}; those who dropped nothing are left out."""
        found = {}
        for pid, lines in sessions:
            counts = {site["coroutine"]["qualname"]: site["count"] for site in lines if site["event"] == "site"}
            if counts:
                found.setdefault(pid, []).append(counts)
        return found

    def test_every_way(self):
        target, ways = self.tree()
        corotrace = self.follow(target)
        pids = []
        for way in ways:
            with self.subTest(way=way):
                pids += self.run_way(target, corotrace, way)
        result = corotrace.stop()
        sessions = self.check_tree(result)
        expected = {target.pid: [{"forgotten_in_parent": OF_PARENT * len(ways)}]}
        for pid in pids:
            expected.setdefault(pid, []).append({"forgotten_in_child": DROPS})
        self.assertEqual(self.drops(sessions), expected, result)
        for pid, lines in sessions:
            coverage = lines[-1]["coverage"]
            if pid == target.pid:
                self.assertEqual(coverage["state"], "exact", result)
            else:
                self.assertEqual(coverage["state"], "incomplete", result)
                self.assertIn("before it was found", coverage["why"])
                if "replaced" not in lines[-1]["ended"]:  # then the last counts went with its memory
                    # Who was found while it started had no module warnings yet.
                    self.assertIn(coverage["warned"], (None, coverage["dealloc"]), result)
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_children_that_come_and_go(self):
        """Pools, daemons, workers that kill themselves, programs: all go as without us, and the parent is exact."""
        target = self.enterContext(self.target("children.py"))
        ways = [way for way in target.expect("ready")["ways"] if way != "stay"]
        corotrace = self.enterContext(self.attach(target, "-s", *UNLIMITED))
        target.say("go")
        results = {}
        for way in ways:
            target.say(way)
            results[way] = target.expect("way")["result"]
        result = corotrace.stop()
        # A chroot of an interpreter alone has no shell.
        self.assertEqual({way: code for way, code in results.items() if code not in (0, 127, -1)}, {}, result)
        sessions = self.check_tree(result, every=False)
        own = [lines for pid, lines in sessions if pid == target.pid]
        self.assertEqual(len(own), 1, result)
        self.assertEqual(own[0][-1]["coverage"]["state"], "exact", result)
        # One before each way, ten beside some of them.
        self.assertEqual(own[0][-1]["never_awaited"] % 10, len(ways) % 10, result)
        self.assertEqual({name for counts in self.drops([(0, own[0])])[0] for name in counts}, {"forgotten_in_parent"})
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_children_that_are_there(self):
        """They are as exact as their parent."""
        target, _ = self.tree()
        target.say("prefork")
        pids = [target.expect("child")["pid"] for _ in range(4)]
        corotrace = self.follow(target, "--fail-on", "any")
        for pid in pids:
            corotrace.wait_that(lambda line, pid=pid: (line["event"], line.get("pid")) == ("attached", pid), str(pid))
        target.say("drop")
        for _ in pids:
            target.expect("dropped")
        result = corotrace.stop()
        sessions = self.check_tree(result, status=1)
        self.assertEqual(self.drops(sessions), {pid: [{"forgotten_in_child": DROPS}] for pid in pids}, result)
        self.assertEqual(result.lines[-1]["exact"], 5, result)
        self.assertEqual(result.lines[-1]["ended"], "interrupted", result)
        for pid in (target.pid, *pids):
            self.assertEqual(proc_status(pid, "TracerPid"), "0")
        target.say("finish")
        self.assertEqual(target.expect("finished")["statuses"], [0] * 4)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_target_that_executes_itself(self):
        target, _ = self.tree()
        corotrace = self.follow(target)
        target.say("reload")
        target.expect("ready")
        corotrace.wait_event("attached", 2)
        target.say("finish")
        target.expect("finished")
        self.assertEqual(target.end(), 0, target.stderr())
        result = corotrace.finish()
        sessions = self.check_tree(result)
        self.assertEqual([pid for pid, _ in sessions], [target.pid] * 2, result)
        self.assertEqual(self.drops(sessions), {target.pid: [{"forgotten_in_parent": OF_PARENT}]}, result)
        self.assertEqual(result.lines[-1]["ended"], "all processes ended", result)

    def test_deadline_for_all(self):
        target, _ = self.tree()
        target.say("prefork")
        for _ in range(4):
            target.expect("child")
        result = self.follow(target, "-d", "2s").finish()
        self.assertEqual(len(self.check_tree(result)), 5, result)
        self.assertEqual(result.lines[-1]["ended"], "deadline", result)
        for word in "drop", "finish", "end":
            target.say(word)
        self.assertEqual(target.until("finished")["statuses"], [0] * 4)
        self.assertEqual(target.reap(), 0, target.stderr())

    def test_killed(self):
        """All of them live on, and what was left in them is removed."""
        target, _ = self.tree()
        target.say("prefork")
        pids = [target.expect("child")["pid"] for _ in range(4)]
        corotrace = self.follow(target)
        corotrace.wait_event("attached", 5)
        corotrace.signal(signal.SIGKILL)
        corotrace.finish()
        target.say("drop")
        for _ in pids:
            target.expect("dropped")
        for pid in (target.pid, *pids):
            with Corotrace(self.binary, "detach", pid) as detach:
                self.assertEqual(detach.finish().status, 0, detach.result)
                self.assertNotIn("nothing was left", detach.result.stderr)
        target.say("finish")
        self.assertEqual(target.expect("finished")["statuses"], [0] * 4)
        self.assertEqual(target.end(), 0, target.stderr())

    def test_refused_as_without(self):
        with Corotrace(self.binary, "attach", "-s", 1 << 22) as corotrace:
            self.assertEqual(corotrace.finish().status, 3)
            self.assertIn("no such process", corotrace.result.stderr)
        with Corotrace(self.binary, "attach", "-s", 1, "--strict") as corotrace:
            self.assertEqual(corotrace.finish().status, 2)
