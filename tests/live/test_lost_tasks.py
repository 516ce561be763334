# SPDX-License-Identifier: MIT
"""Tasks that were destroyed while pending and exceptions that nobody looked at, against asyncio's own handler."""
from pathlib import Path

from support.compare import LOST_TASKS
from support.live_test import UNLIMITED, LiveTest

PROGRAM = (Path(__file__).resolve().parents[1] / "targets/lost_tasks.py").read_text().splitlines()


def line_of(name):
    return next(number for number, line in enumerate(PROGRAM, 1) if line.endswith(f"  # line of {name}"))


class LostTasks(LiveTest):
    def lose(self, mode, rounds=10, flags=UNLIMITED):
        said, result = self.observe("lost_tasks.py", mode, str(rounds), flags=flags)
        sites = {kind: [site for site in result.events("site") if site["kind"] == kind] for kind in LOST_TASKS}
        return said, result, sites

    def check_counts(self, said, result, sites, exact=True, never_awaited=0):
        counts = {kind: sum(site["count"] for site in of_kind) for kind, of_kind in sites.items() if of_kind}
        self.assertEqual(counts, said["truth"], result)
        if exact:
            self.assertTrue(all(site["exact"] for of_kind in sites.values() for site in of_kind), result)
        self.assertEqual(result.summary["never_awaited"], never_awaited, result)

    def only(self, sites, kind, name):
        """The one site of its kind and coroutine."""
        found = [site for site in sites[kind] if site["coroutine"]["name"] == name]
        self.assertEqual(len(found), 1, sites[kind])
        return found[0]

    def test_what_is_told(self):
        said, result, sites = self.lose("plain", flags=(*UNLIMITED, "--origin", "3"))
        self.check_counts(said, result, sites)

        pending = self.only(sites, "task_destroyed_pending", "waits")
        self.assertEqual(pending["dropped"]["cause"], "cyclic_gc", pending)
        self.assertEqual(pending["mistake"]["id"], "task_not_kept")
        self.assertIn("task = self.asyncio.ensure_future(self.waits(future));", pending["mistake"]["fix"])
        self.assertEqual((pending["created"]["how"], pending["created"]["frames"][-1]["line"]),
                         ("origin", line_of("leave")), pending)
        self.assertTrue(pending["lost_task"]["name"].startswith("Task-"), pending)
        self.assertEqual(pending["lost_task"]["type"], "_asyncio.Task")
        # Most collectors close the coroutine before they come to the task; up to 3.10 its frame is gone then.
        frames = pending["lost_task"]["awaiting"]
        if self.interpreter.version >= (3, 11):
            self.assertEqual([(frame["name"], frame["line"]) for frame in frames],
                             [("waits", line_of("waits")), ("inner", line_of("inner"))][:len(frames)], pending)
            self.assertEqual(len(frames), 1 if pending["lost_task"]["closed"] else 2, pending)

        failed = self.only(sites, "task_exception_never_retrieved", "fails")
        self.assertEqual(failed["mistake"]["id"], "task_exception_ignored")
        self.assertEqual((failed["lost_task"]["exception"], failed["dropped"]["cause"]), ("ValueError", "refcount"))
        raised = failed["lost_task"]["raised"][-1]
        self.assertEqual((raised["name"], raised["line"]), ("fails", line_of("fails")), failed)
        self.assertEqual(failed["created"]["frames"][-1]["line"], line_of("fail"), failed)
        for site in sites["future_exception_never_retrieved"]:
            self.assertEqual(site["mistake"]["id"], "future_exception_ignored")
            self.assertEqual(site["lost_task"]["exception"], "KeyError", site)

    def test_subclass(self):
        said, result, sites = self.lose("subclass")
        self.check_counts(said, result, sites)
        pending = self.only(sites, "task_destroyed_pending", "waits")
        self.assertIn("Lost", pending["lost_task"]["type"])

    def test_debug_mode(self):
        self.check_counts(*self.lose("debug"))

    def test_tasks_in_python(self):
        said, result, sites = self.lose("python")
        if self.interpreter.version == (3, 11):
            # Its finalizers call the handler without looking at the slot.
            for kind in ("task_destroyed_pending", "task_exception_never_retrieved"):
                self.assertEqual(sites.pop(kind), [])
                said["truth"].pop(kind)
        else:
            pending = self.only(sites, "task_destroyed_pending", "waits")
            self.assertEqual(pending["lost_task"]["type"], "asyncio.tasks.Task")
            # From 3.13 on one made by a factory, as these are, is renamed to None.
            self.assertRegex(pending["lost_task"]["name"], "^(Task-[0-9]+|None)$", pending)
            self.assertNotEqual(pending["dropped"]["frames"][-1]["name"], "__del__")
        self.check_counts(said, result, sites)

    def test_imported_late(self):
        self.check_counts(*self.lose("late"))

    def test_other_event_loops(self):
        said, result, sites = self.lose("uvloop")
        self.check_counts(said, result, sites)
        self.assertTrue(any("uvloop" in note for note in result.summary["notes"]), result.summary)

    def test_storm(self):
        """Within the budget; how the counts divide over places is an estimate, what they are is not."""
        self.check_counts(*self.lose("plain", 3000, flags=()), exact=False)

    def test_seldom_beside_often(self):
        """What the task ran tells tasks apart, however few of them are looked at."""
        said, result, sites = self.lose("seldom", 2000, flags=())
        self.check_counts(said, result, sites, exact=False)
        for kind, names in (("task_destroyed_pending", ("waits", "waits_seldom")),
                            ("task_exception_never_retrieved", ("fails", "fails_seldom"))):
            counts = [sum(site["count"] for site in sites[kind] if site["coroutine"]["name"] == name)
                      for name in names]
            self.assertEqual(counts, [1800, 200], result)

    def test_loop_closed(self):
        said, result, sites = self.lose("close")
        # One had not started: its coroutine was never awaited, either.
        self.check_counts(said, result, sites, never_awaited=1)
        found = []
        for site in sites["task_destroyed_pending"]:
            self.assertEqual(site["mistake"]["id"], "task_outlived_loop", site)
            self.assertFalse(site["lost_task"]["closed"])
            frames = [[frame["name"], frame["line"]] for frame in site["lost_task"]["awaiting"]]
            found += [frames] * site["count"]
        self.assertTrue(found, result)
        # One place may have lost tasks that waited at several: its first one is told of.
        for frames in found:
            self.assertIn(frames, said["chains"], result)

    def test_unstarted_task_and_its_coroutine(self):
        said, result, sites = self.lose("unstarted")
        self.check_counts(said, result, sites, never_awaited=1)
        task = self.only(sites, "task_destroyed_pending", "fails")
        self.assertEqual(task["lost_task"]["awaiting"], [], task)
        coroutine, = [site for site in result.events("site") if site["kind"] == "coroutine_never_awaited"]
        self.assertEqual(coroutine["coroutine"]["name"], "fails", coroutine)
        self.assertEqual(coroutine["related"], [task["fingerprint"]], result)
        self.assertEqual(task["related"], [coroutine["fingerprint"]], result)
