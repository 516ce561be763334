# SPDX-License-Identifier: MIT
"""In whose name: the asyncio task in whose step a coroutine was dropped, held against what asyncio itself says."""
from support.live_test import UNLIMITED, LiveTest


class Tasks(LiveTest):
    def check_tasks(self, *flags):
        said, result = self.observe("tasks.py", flags=("--every", *UNLIMITED, *flags))
        found = {finding["coroutine"]["qualname"]: self.facts(finding["task"]) for finding in result.events("finding")}
        self.assertEqual(found, said["truth"], result)
        return said["truth"]

    def facts(self, task):
        if task is None:
            return None
        created = task["created"]["frames"]
        self.assertIsNone(task["coroutine"]["arguments"])
        return {"name": task["name"], "qualname": task["coroutine"]["qualname"], "line": task["coroutine"]["line"],
                "created": created and [[frame["line"], frame["function"]] for frame in created]}

    def test_whose_step(self):
        truth = self.check_tasks("--origin", "off")
        self.assertEqual({facts and facts["created"] for facts in truth.values()}, {None})

    def test_where_it_was_made(self):
        truth = self.check_tasks("--origin", "4")
        self.assertEqual(len(truth["forgotten_of_named"]["created"]), 4)
