# SPDX-License-Identifier: MIT
"""When the process is traced: --hold auto lets go and comes back, --hold never is no tracer at all, and neither is a
corotrace whose CPU limit would make a stop long. Whichever it is, each place is found and its count exact."""
import contextlib
import signal
import subprocess
import sys

from support.corotrace import Corotrace
from support.cpu_limit import CpuLimit
from support.deadline import Deadline, DeadlineOver
from support.live_test import LiveTest

MOST_PLACES = 200  # of holds.py

# Traces the process until its stdin ends.
OTHER_TRACER = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206
done = libc.ptrace(PTRACE_SEIZE, int(sys.argv[1]), None, None)
print("traces" if done == 0 else ctypes.get_errno(), flush=True)
sys.stdin.read()
"""


def was_crowded(result):
    """Stops were given up for a while: corotrace waited for a processor."""
    return any("for a while no drop was sampled" in note for note in result.summary["notes"])


class Hold(LiveTest):
    def setUp(self):
        self.start()

    def start(self):
        self.running = self.enterContext(self.target("holds.py"))
        self.running.expect("ready")

    def say(self, words):
        self.running.say(words)
        return self.running.expect("dropped")

    def say_paced(self, corotrace, words):
        """So many at a time as any build's notes have room for, though corotrace may not run for a while."""
        for first in range(0, len(words), 4):
            for word in words[first:first + 4]:
                self.say(word)
            corotrace.wait_event("finding", min(first + 4, len(words)))

    def wait_for_no_tracer(self):
        deadline = Deadline()
        while self.running.tracer_pid() != 0:
            deadline.left("no tracer")

    def drop_until_traced(self, first):
        """Each new place asks for a tracer; but not while corotrace waits long for a processor. Returns the last."""
        deadline = Deadline()
        for place in range(first, MOST_PLACES):
            self.say(f"drop {place} 1")
            soon = Deadline(2)
            with contextlib.suppress(DeadlineOver):
                while self.running.tracer_pid() == 0:
                    soon.left("a tracer")
                return place
            deadline.left("a tracer")
        raise AssertionError("no place was found worth a tracer")

    def counts(self, result, exact=True):
        """By place, that is by the caller's name."""
        counts = {}
        for site in result.drops("site"):
            self.assertTrue(site["exact"] or not exact, site)
            name = site["dropped"]["frames"][-1]["name"]
            self.assertNotIn(name, counts)
            counts[name] = site["count"]
        return counts

    def arguments(self, result, place):
        (site,) = [site for site in result.drops("site") if site["dropped"]["frames"][-1]["name"] == place]
        return site["coroutine"]["arguments"]

    def check_exact(self, result, counts):
        self.check(result)
        self.assertEqual(self.counts(result), counts, result)
        self.assertEqual(result.summary["never_awaited"], sum(counts.values()), result)
        self.assertEqual(result.summary["coverage"]["state"], "exact", result)

    def has_note(self, result, part):
        self.assertTrue([note for note in result.summary["notes"] if part in note], result.summary["notes"])

    def other_tracer(self):
        other = subprocess.Popen([sys.executable, "-c", OTHER_TRACER, str(self.running.pid)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: other.poll() is None and other.communicate())
        self.assertEqual(other.stdout.readline(), "traces\n")
        return other

    def test_auto(self):
        deadline = Deadline()
        while not self.see_auto():
            deadline.left("a machine on which corotrace need not wait for a processor")
            self.start()

    def see_auto(self):
        """False: stops were given up for a while meanwhile."""
        with self.attach(self.running, "--hold", "auto") as corotrace:
            self.assertNotEqual(self.running.tracer_pid(), 0)
            self.say("drop 0 3")
            corotrace.wait_event("finding")
            self.wait_for_no_tracer()
            self.say("drop 0 1000")
            # A new place: its next drop is examined.
            new = self.drop_until_traced(1)
            deadline, dropped = Deadline(), 1
            while len(corotrace.said("finding")) < new + 1:
                self.say(f"drop {new} 1")
                dropped += 1
                deadline.left("the new place")
            self.wait_for_no_tracer()
            # One that drops once only.
            self.say(f"drop {new + 1} 1")
            corotrace.wait_event("finding", new + 2)
            result = corotrace.stop()
        once = {f"place_{place}": 1 for place in range(1, new + 2)}
        self.check_exact(result, {"place_0": 1003, **once, f"place_{new}": dropped})
        self.assertIsNone(self.arguments(result, f"place_{new + 1}"))
        self.has_note(result, "traced for ")
        if was_crowded(result):
            return False
        self.assertEqual([argument["name"] for argument in self.arguments(result, f"place_{new}")], ["place", "note"])
        return True

    def test_another_tracer_comes_and_goes(self):
        deadline = Deadline()
        while not self.see_another_tracer():
            deadline.left("a machine on which corotrace need not wait for a processor")
            self.start()

    def see_another_tracer(self):
        """False: stops were given up for a while meanwhile, and corotrace did not try to come back."""
        with self.attach(self.running, "--hold", "auto") as corotrace:
            self.wait_for_no_tracer()
            other = self.other_tracer()
            self.say("drop 0 7")
            corotrace.wait_event("finding")
            self.assertEqual(self.running.tracer_pid(), other.pid)
            other.communicate()
            new = self.drop_until_traced(1)
            result = corotrace.stop()
        self.check_exact(result, {"place_0": 7, **{f"place_{place}": 1 for place in range(1, new + 1)}})
        if was_crowded(result):
            return False
        self.has_note(result, "another tracer was attached")
        return True

    def test_never(self):
        other = self.other_tracer()
        with self.attach(self.running, "--hold", "never") as corotrace:
            self.say_paced(corotrace, [f"drop {place} {place + 1}" for place in range(20)])
            self.assertEqual(self.running.tracer_pid(), other.pid)
            result = corotrace.stop()
        self.check_exact(result, {f"place_{place}": place + 1 for place in range(20)})
        self.assertEqual(result.summary["stops"], 0)
        self.assertIsNone(self.arguments(result, "place_0"))

    def test_ends_while_nobody_traces(self):
        for word, ended in (("end", "target exited"), ("becomes", "target replaced its program")):
            with self.subTest(word):
                if word == "becomes":
                    self.running = self.enterContext(self.target("holds.py"))
                    self.running.expect("ready")
                with self.attach(self.running, "--hold", "never", "-v", "-v") as corotrace:
                    self.say("drop 0 5")
                    corotrace.wait_event("finding")
                    corotrace.wait_ticks(3)
                    self.running.say(word)
                    result = corotrace.finish()
                self.check(result)
                # Nobody stops it at its end: what it frees meanwhile may be in doubt.
                self.assertEqual(self.counts(result, exact=False), {"place_0": 5})
                self.assertTrue(result.summary["ended"].startswith(ended), result)
                self.assertEqual(result.summary["coverage"]["state"], "incomplete")

    def run_verb(self, *words):
        with Corotrace(self.binary, *words) as corotrace:
            return corotrace.finish()

    def test_nobody_takes_it_for_a_killed_one(self):
        with self.attach(self.running, "--hold", "never") as corotrace:
            self.say("drop 0 5")
            for words in (("attach", "-p", self.running.pid, "-d", "1"), ("detach", self.running.pid)):
                refused = self.run_verb(*words)
                self.assertEqual(refused.status, 5, refused)
                self.assertRegex(refused.stderr, "watches it")
            self.say("drop 0 5")
            self.check_exact(corotrace.stop(), {"place_0": 10})

    def test_killed(self):
        with self.attach(self.running, "--hold", "never") as corotrace:
            self.say("drop 0 5")
            corotrace.signal(signal.SIGKILL)
            corotrace.finish()
        self.say("drop 1 5")
        with self.attach(self.running) as corotrace:
            self.say("drop 0 2")
            self.check_exact(corotrace.stop(), {"place_0": 2})

    def test_frozen_and_replaced(self):
        """It cannot know that it slept: what the next one planted is not touched."""
        with self.attach(self.running, "--hold", "never") as frozen:
            self.say("drop 0 5")
            frozen.wait_event("finding")
            frozen.signal(signal.SIGSTOP)
            with self.attach(self.running) as corotrace:
                frozen.signal(signal.SIGCONT)
                robbed = frozen.finish()
                self.say("drop 1 3")
                self.check_exact(corotrace.stop(), {"place_1": 3})
        self.assertRegex(robbed.summary["ended"], "lost")
        self.has_note(robbed, "another program removed the stub")

    def test_cpu_limit(self):
        try:
            limit = CpuLimit(5)
        except OSError as error:
            self.skipTest(f"no control group of the processor can be made here: {error}")
        self.addCleanup(limit.remove)
        with Corotrace(self.binary, "attach", "-p", self.running.pid, "-f", "jsonl",
                       preexec_fn=limit.add_myself) as corotrace:
            corotrace.wait_event("attached")
            self.assertEqual(self.running.tracer_pid(), 0)
            self.say_paced(corotrace, [f"drop {place} 1" for place in range(60)])
            result = corotrace.stop()
        self.check_exact(result, {f"place_{place}": 1 for place in range(60)})
        self.assertEqual(result.summary["stops"], 0)
        self.has_note(result, "CPU limit is 50m")
