# SPDX-License-Identifier: MIT
"""Counts are equal, in all and by function: every shape of a drop, threads, interpreters, warning filters."""
from support import compare
from support.live_test import UNLIMITED, LiveTest


def sum_counts(dictionaries):
    total = {}
    for counts in dictionaries:
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    return total


class Exact(LiveTest):
    def check_counts(self, said, result, names=True, state="exact"):
        """`names`: of functions whose drops could not be afforded to be read and that are gone, none is known."""
        truth = sum_counts([said["truth"], *(also["truth"] for also in said["also"])])
        # The shim itself saw what the program was written to do.
        self.no_differences(compare.counts(said["scripted"], truth), "the shim against the script")
        if names:
            self.no_differences(compare.counts(truth, result.counts()), result)
        self.assertEqual(result.summary["never_awaited"], sum(truth.values()), result)
        if state:
            self.no_differences(compare.coverage(result.summary, state), result)

    def test_ignored_in_a_storm(self):
        """As a user runs it: most drops are only counted."""
        self.check_counts(*self.observe("exact.py", "ignore", 200))

    def test_default(self):
        self.check_counts(*self.observe("exact.py", "default", 8, flags=("--every", *UNLIMITED)))

    def test_always(self):
        self.check_counts(*self.observe("exact.py", "always", 8))

    def test_error(self):
        self.check_counts(*self.observe("exact.py", "error", 8))

    def test_automatic_collection(self):
        self.check_counts(*self.observe("exact.py", "ignore", 8, "automatic", flags=("--every", *UNLIMITED)))

    def test_warnings_that_cpython_loses(self):
        said, result = self.observe("lost_warnings.py", 30)
        self.assertEqual(said["warned"], {}, "the interpreter warned after all")
        self.no_differences(compare.counts(said["truth"], result.counts()), result)

    def test_every_drop_is_sampled_without_a_limit(self):
        said, result = self.observe("exact.py", "ignore", 6, "early", flags=("--every", *UNLIMITED))
        self.check_counts(said, result)
        self.assertEqual(result.summary["sampled"], result.summary["never_awaited"], result)
        self.assertTrue(all(site["exact"] for site in result.events("site")), result)
        findings = {}
        for finding in result.drops("finding"):
            name = finding["coroutine"]["qualname"]
            findings[name] = findings.get(name, 0) + 1
        self.no_differences(compare.counts(said["truth"], findings), result)

    def test_young_threads_are_followed_once_one_was_missed(self):
        with self.target("young_threads.py") as target:
            target.expect("ready")
            with self.attach(target, *UNLIMITED) as corotrace:
                # The first are counted only; as soon as that is noticed, they are read like all others.
                threads, seen = 0, None
                while seen is None:
                    target.say("thread")
                    threads = target.expect("dropped")["threads"]
                    seen = corotrace.has_said("finding")
                    self.assertLess(threads, 100000)
                self.assertEqual(seen["coroutine"]["qualname"], "forgotten_in_thread")
                self.assertEqual([frame["name"] for frame in seen["dropped"]["frames"]][-1], "body")
                result = corotrace.stop()
            self.check(result)
            self.assertEqual(result.counts(), {"forgotten_in_thread": 2 * threads}, result)
            self.no_differences(compare.coverage(result.summary), result)
            self.check_let_go(target)
            self.assertEqual(target.end(), 0, target.stderr())

    def test_several_threads_at_the_same_instant(self):
        """Each drop is read, with the arguments of its own thread."""
        threads, rounds = 4, 50
        flags = ("--every", "--show-values", *UNLIMITED)
        said, result = self.observe("at_once.py", threads, rounds, flags=flags)
        self.check_counts(said, result)
        seen = {}
        for finding in result.drops("finding"):
            thread, turn = (argument["value"] for argument in finding["coroutine"]["arguments"])
            seen.setdefault((finding["tid"], thread), []).append(int(turn))
        self.assertEqual(len(seen), threads, result)
        for turns in seen.values():
            self.assertEqual(turns, list(range(rounds)), result)

    def test_several_interpreters(self):
        with self.target("interpreters.py", 1, 0) as probe:
            has_interpreters = probe.expect("ready")["has_interpreters"]
        if not has_interpreters:
            self.skipTest("this build has no subinterpreters")
        # Every drop is counted. A new interpreter's warnings are counted from the first stop in it on, which the
        # budget of stops may delay, so the second count may say less.
        self.check_counts(*self.observe("interpreters.py", 20, 1, flags=("--every",)), names=False, state=None)
        # With stops unlimited both are of all interpreters, however many came and went; before 3.12 not always.
        said, result = self.observe("interpreters.py", 5, 6, flags=("--every", *UNLIMITED))
        self.check_counts(said, result, state="exact" if self.interpreter.version >= (3, 12) else None)

    def test_interpreter_shutdown(self):
        for flags in (), ("--every", *UNLIMITED):
            with self.subTest(flags=flags), self.target("shutdown.py") as target:
                scripted = target.expect("ready")["scripted"]
                with self.attach(target, *flags) as corotrace:
                    target.say("go")
                    self.assertEqual(target.reap(), 0, target.stderr())
                    result = corotrace.finish()
                self.check(result, every=bool(flags))
                self.no_differences(compare.counts(scripted, result.counts()), result)
                self.assertEqual(result.summary["never_awaited"], sum(scripted.values()), result)
                self.assertIn("exit", result.summary["ended"])
