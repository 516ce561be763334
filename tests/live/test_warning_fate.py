# SPDX-License-Identifier: MIT
"""Would anyone have seen it: what is told of Python's own warning is what the program saw of it."""
from support.live_test import UNLIMITED, LiveTest

# The filter that is named, where it is not told by the scenario's own name as an action.
FILTERS = {
    "none": None, "default_action": None, "as_started": None, "other_category": None, "category_of_same_name": None,
    "category": "ignore::RuntimeWarning", "base_category": "always::Exception", "second": "always::RuntimeWarning",
    "first_wins": "ignore", "message": "ignore:coroutine '.*' was never awaited",
    "message_case": "ignore:COROUTINE .* NEVER", "message_start": "ignore:coroutine", "message_inside": "always",
    "message_named": r"ignore:coroutine 'message\_named'", "message_other": "always",
    "message_end": r"ignore:.*awaited\Z", "message_plus": r"ignore:c+oroutine +'message_plu+s",
    "module_main": "ignore:::__main__", "module_other": "always", "other_line": "always", "handler": "always",
    "recorded": "always",
}
TIMES = 3


def seen(text):
    """What the program's own eyes saw of three warnings."""
    if "Exception ignored" in text:
        return "error_ignored"
    times = text.count("was never awaited") + text.count("handled") + text.count("recorded")
    if times in (0, TIMES):
        return "shown" if times else "hidden"
    return "deduplicated"  # the first; 3.8 shows a second one where the module had no registry yet


class WarningFate(LiveTest):
    def play(self, target_flags=()):
        """{name of the scenario: (what the program told, the finding's `warning`)}"""
        both = {}
        with self.target("warning_fate.py", flags=target_flags) as target:
            names = ["as_started", *target.expect("ready")["scenarios"], "recorded"]
            with self.attach(target, *UNLIMITED) as corotrace:
                target.say("go")
                for count, name in enumerate(names, 1):
                    said = target.expect("dropped")
                    self.assertEqual(said["name"], name)
                    corotrace.wait_event("finding", count)
                    target.say("next")
                    both[name] = [said]
                result = corotrace.stop()
            self.check(result)
            self.assertEqual(target.end(), 0, target.stderr())
        for finding in result.drops("finding"):
            both[finding["coroutine"]["qualname"]].append(finding["warning"])
        return both

    def uses_contexts(self):
        """Then each context has filters of its own, which are not read."""
        return self.interpreter.is_free_threaded and self.interpreter.version >= (3, 14)

    def test_each_filter(self):
        told = self.play()
        self.assertGreater(len(told), 30)
        own = "own_handler.<locals>.<lambda>" if self.interpreter.version >= (3, 11) else "<lambda>"
        handlers = {"handler": own, "recorded": "catch_warnings(record=True)"}
        for name, (said, warning) in told.items():
            with self.subTest(name):
                if self.uses_contexts() or name == "message_too_hard":
                    self.assertIsNone(warning)
                    continue
                if self.interpreter.version < (3, 11) and name == "message_end" and (
                        warning is None or "Coroutine created at" in said["text"]):
                    continue  # for --origin auto one of the three ends with where the coroutine was created
                self.assertEqual(warning["state"], seen(said["text"]), said)
                self.assertEqual(warning["handler"], handlers.get(name))
                if name == "line":
                    self.assertEqual(warning["filter"], f"ignore::::{said['line']}")
                elif name == "escaped":
                    self.assertRegex(warning["filter"], r"^ignore:coroutine\\? 'esc:RuntimeWarning:__main__\\[zZ]$")
                else:
                    self.assertEqual(warning["filter"], FILTERS.get(name, name))

    def test_filters_of_the_command_line(self):
        for option, state, named in (("ignore", "hidden", "ignore"), ("error", "error_ignored", "error"),
                                     ("always::RuntimeWarning", "shown", "always::RuntimeWarning"),
                                     ("ignore::UserWarning", "deduplicated", None)):
            with self.subTest(option):
                said, warning = self.play(target_flags=("-W", option))["as_started"]
                self.assertEqual(seen(said["text"]), state)
                if self.uses_contexts():
                    self.assertIsNone(warning)
                else:
                    self.assertEqual((warning["state"], warning["filter"]), (state, named))

    def test_what_changes_midway(self):
        """Filters and sources are told as they were at each drop, not as they were at the first one."""
        with self.target("changes_midway.py") as target:
            target.expect("ready")
            with self.attach(target, "--every", *UNLIMITED) as corotrace:
                target.say("go")
                for count, word in enumerate(("filter", "edit", None), 1):
                    target.expect("dropped")
                    corotrace.wait_event("finding", count)
                    if word:
                        target.say(word)
                result = corotrace.stop()
            self.check(result, every=True)
            self.assertEqual(target.end(), 0, target.stderr())
        told = result.drops("finding")
        states = [None] * 3 if self.uses_contexts() else ["hidden", "shown", "shown"]
        self.assertEqual([drop["warning"] and drop["warning"]["state"] for drop in told], states, result)
        lines = [drop["dropped"]["frames"][-1]["source"].strip() for drop in told]
        self.assertEqual(lines, ["forgotten()", "forgotten()", "forgotten()  # edited"], result)
        self.assertEqual(len(result.drops("site")), 2, result)  # the line's text is part of what names a site
