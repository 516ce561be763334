# SPDX-License-Identifier: MIT
"""Real programs of Debian under load: the forgotten await is found and counted, and no request fails."""
import re
import subprocess

from support import compare
from support.live_test import LiveTest

NEEDS = "import uvloop, aiohttp, uvicorn"


class Servers(LiveTest):
    def setUp(self):
        probe = subprocess.run([*self.interpreter.argv, "-c", NEEDS], capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest("has no uvloop, aiohttp and uvicorn")
        try:
            subprocess.run(["wrk", "-v"], capture_output=True, check=False)
        except OSError:
            self.skipTest("wrk is not installed")

    def load(self, port, seconds):
        return subprocess.Popen(["wrk", "-t1", "-c16", f"-d{seconds}s", f"http://127.0.0.1:{port}/order"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def check_load(self, wrk):
        text = wrk.communicate()[0]
        self.assertEqual(wrk.returncode, 0, text)
        self.assertGreater(int(re.search(r"(\d+) requests in", text).group(1)), 0)
        self.assertNotRegex(text, "Socket errors|Non-2xx")

    def check_site(self, result, handler):
        """The one site is the handler's forgotten line."""
        (site,) = result.events("site")
        self.assertEqual(site["coroutine"]["qualname"], "save_order")
        innermost = site["dropped"]["frames"][-1]
        self.assertEqual(innermost["source"].strip(), "save_order(number, note='from ' + path)")
        self.assertEqual(innermost["name"], handler)
        self.assertEqual([argument["name"] for argument in site["coroutine"]["arguments"]], ["number", "note"])

    def serve(self, kind, handler):
        with self.target("server.py", kind) as target:
            port = target.expect("ready")["port"]
            # All of one load, exactly.
            for flags in ((), ("--every",)):
                with self.attach(target, *flags) as corotrace:
                    self.check_load(self.load(port, 2))
                    target.say("count")
                    handled = target.expect("count")["handled"]
                    result = corotrace.stop()
                self.check(result, every=bool(flags))
                self.assertGreater(handled, 0)
                self.assertEqual(result.summary["orphans"], handled, result)
                self.no_differences(compare.coverage(result.summary), result)
                self.check_site(result, handler)
                self.check_let_go(target)
            # Come and gone twice in the midst of another.
            wrk = self.load(port, 3)
            for _ in range(2):
                with self.attach(target, "--max-events", "3") as corotrace:
                    self.check_site_in_midst(corotrace.finish(), handler)
                self.check_let_go(target)
            self.check_load(wrk)
            self.assertEqual(target.end(), 0, target.stderr())

    def check_site_in_midst(self, result, handler):
        self.check(result)
        self.assertGreaterEqual(result.summary["orphans"], 1)
        self.no_differences(compare.coverage(result.summary), result)
        self.check_site(result, handler)

    def test_uvicorn(self):
        self.serve("uvicorn", "application")

    def test_aiohttp(self):
        self.serve("aiohttp", "order")
