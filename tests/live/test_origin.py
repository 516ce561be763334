# SPDX-License-Identifier: MIT
"""Where coroutines were created, by the interpreter's own notes, which are turned on from outside and put back."""
from pathlib import Path

from support.live_test import UNLIMITED, LiveTest

PROGRAM = (Path(__file__).resolve().parents[1] / "targets/origin.py").read_text().splitlines()
LINES = {"make": PROGRAM.index("    return save(value)") + 1, "drop": PROGRAM.index("    waiting = [make(1)]") + 1}


class Origin(LiveTest):
    def watch(self, mode, number, *flags):
        with self.target("origin.py", mode, str(number)) as target:
            target.expect("ready")
            with self.attach(target, *UNLIMITED, *flags) as corotrace:
                target.say("go")
                said = target.until("done")
                result = corotrace.stop()
            self.check(result)
            target.say("after")
            said["after"] = target.until("done")["after"]
            self.assertEqual(target.end(), 0, target.stderr())
        return said, result

    def check_site(self, result, most=100):
        sites = [site for site in result.events("site") if site["coroutine"]["name"] == "save"]
        # What a site dropped before the depth was set has none, and some sites have no more than that.
        noted = [site for site in sites if site["created"]["how"]]
        self.assertTrue(noted, result)
        for site in noted:
            self.assertEqual(site["created"]["how"], "origin", result)
            frames = site["created"]["frames"]
            self.assertLessEqual(len(frames), most)
            self.assertEqual((frames[-1]["name"], frames[-1]["line"]), ("make", LINES["make"]), result)
            self.assertEqual(frames[-1]["source"], "    return save(value)")
            if len(frames) > 1:
                self.assertEqual((frames[-2]["name"], frames[-2]["line"]), ("drop", LINES["drop"]), result)
        return noted

    def test_auto(self):
        said, result = self.watch("auto", 1000)
        # Steadily one frame, now and then a whole stack; threads that came later too.
        for depth, is_deep in (said["main"], said["thread"]):
            self.assertIn(depth, (0, 1, 11))
            self.assertTrue(is_deep, said)
        self.assertGreater(max(len(site["created"]["frames"]) for site in self.check_site(result)), 1)
        self.assertEqual(said["after"], 0)

    def test_off(self):
        said, result = self.watch("off", 50, "--origin", "off")
        self.assertEqual((said["main"], said["thread"], said["after"]), ([0, False], [0, False], 0))
        for site in result.events("site"):
            self.assertIsNone(site["created"]["how"], result)

    def test_number(self):
        said, result = self.watch("number", 1000, "--origin", "2")
        self.assertEqual((said["main"], said["thread"], said["after"]), ([2, True], [2, True], 0))
        self.check_site(result, most=2)

    def test_the_program_set_more(self):
        said, result = self.watch("program", 7, "--origin", "2")
        self.assertEqual((said["main"], said["after"]), ([7, True], 7))
        self.check_site(result)

    def test_debug_mode(self):
        # It saves what it finds, sets 10, and puts back what it saved, which here is ours.
        said, result = self.watch("debug", 1000, "--origin", "2")
        self.assertEqual((said["main"], said["after"]), ([10, True], 0))
        self.check_site(result)

    def test_code_that_shows_it_needs_no_notes(self):
        said, result = self.watch("shown", 50)
        self.assertEqual((said["main"], said["thread"], said["after"]), ([0, False], [0, False], 0))
        sites = list(result.events("site"))
        self.assertEqual(len(sites), 6, result)  # three places in each thread
        for site in sites:
            self.assertEqual(site["created"]["how"], "inferred", result)
            self.assertEqual(site["created"]["frames"][-1]["name"], "drop_shown", result)
        lines = {site["created"]["frames"][-1]["source"].strip() for site in sites}
        self.assertEqual(sorted(lines), ['LOG.write("x")', "kept = load(2)", "save(1)"])
