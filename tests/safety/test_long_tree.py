# SPDX-License-Identifier: MIT
"""-s over many children that come and go: corotrace takes no more memory for it in the end than at first."""
import os

from support.live_test import LiveTest
from support.target_process import proc_status

ROUNDS = 4
OF_ROUND = int(os.environ.get("COROTRACE_TEST_CHILDREN", "240")) // ROUNDS
MOST_GROWTH = 1.25


def own_kilobytes(pid):
    """Resident and its own: what a file maps may come and go."""
    return int(proc_status(pid, "RssAnon").split()[0])


class LongTree(LiveTest):
    def test_memory_stays(self):
        target = self.enterContext(self.target("short_children.py"))
        target.expect("ready")
        corotrace = self.enterContext(self.attach(target, "-s"))
        taken, children = [], 0
        for number in range(1, ROUNDS + 1):
            while children < number * OF_ROUND:
                target.say("more")
                children += target.expect("had")["traced"]
            taken.append(own_kilobytes(corotrace.pid))
        result = corotrace.stop()
        self.assertEqual(result.status, 0, result)
        total = result.lines[-1]
        self.assertEqual(total["event"], "total", result)
        # Caches fill in the first rounds; what grows with children grows in each.
        self.assertLessEqual(taken[-1], taken[1] * MOST_GROWTH, taken)
        # A child that was seized may end before it is told of, on a busy machine one in ten.
        self.assertGreaterEqual(total["processes"], children / 2, total)
        print(f"{total['processes']} processes, KiB of its own on the way: {taken}")
        self.check_let_go(target)
        self.assertEqual(target.end(), 0, target.stderr())
