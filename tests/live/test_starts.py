# SPDX-License-Identifier: MIT
"""Attached at any moment of a program's start, from its exec(2) on, the count is exact, or corotrace tells why it
could not attach."""
import os
import time

from support.corotrace import Corotrace
from support.live_test import LiveTest

STARTS = int(os.environ.get("COROTRACE_TEST_STARTS", "6"))
NO_PROCESS, UNSUPPORTED = 3, 5


class Starts(LiveTest):
    def time_of_start(self):
        began = time.monotonic()
        with self.target("starts.py") as target:
            target.expect("ready")
            took = time.monotonic() - began
            target.say("go")
            target.until("done")
            target.end()
        return took

    def attach_after(self, delay):
        """Whether it attached."""
        with self.target("starts.py") as target:
            time.sleep(delay)  # the moment that is to be met, whatever happens there
            with Corotrace(self.binary, "attach", "-p", target.pid, "-f", "jsonl") as corotrace:
                if not corotrace.wait_line("attached"):
                    result = corotrace.finish()
                    self.assertIn(result.status, (NO_PROCESS, UNSUPPORTED), result)
                    self.assertRegex(result.stderr, f"(cannot attach to|no such process).*{target.pid}", result)
                    return False
                target.expect("ready")
                target.say("go")
                said = target.until("done")
                result = corotrace.stop()
            self.check(result)
            self.assertEqual(result.counts(), said["counts"], result)
            self.assertEqual(result.summary["coverage"]["state"], "exact", result)
            self.check_let_go(target)
            self.assertEqual(target.end(), 0, target.stderr())
        return True

    def test_spread_over_the_start(self):
        longest = self.time_of_start()
        attached = [self.attach_after(longest * number / STARTS) for number in range(STARTS)]
        print(f"attached at {sum(attached)} of {STARTS} moments of a start")
        self.assertIn(True, attached)
