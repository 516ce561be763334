# SPDX-License-Identifier: MIT
"""Real programs of Debian under load: the forgotten await is found and counted, and no request fails."""
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from support import compare
from support.deadline import Deadline
from support.live_test import LiveTest
from support.target_process import TARGETS, TargetProcess, proc_status

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
                self.assertEqual(result.summary["never_awaited"], handled, result)
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
        self.assertGreaterEqual(result.summary["never_awaited"], 1)
        self.no_differences(compare.coverage(result.summary), result)
        self.check_site(result, handler)

    def test_uvicorn(self):
        self.serve("uvicorn", "application")

    def test_aiohttp(self):
        self.serve("aiohttp", "order")


class AppServers(LiveTest):
    """gunicorn and uWSGI as Debian has them: the process that serves is a child, and uWSGI is no Python program."""

    THREADS, REQUESTS = 4, 25

    def setUp(self):
        if Path(self.interpreter.facts["executable"]) != Path("/usr/bin/python3").resolve():
            self.skipTest("is not the python of Debian's servers")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.socket = folder.name + "/socket"

    def request(self):
        """The answer to one request."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(Deadline().left("an answer"))
            client.connect(self.socket)
            client.sendall(b"GET /order HTTP/1.0\r\nHost: test\r\n\r\n")
            return b"".join(iter(lambda: client.recv(4096), b""))

    def load(self):
        """All requests, several at a time; all are answered."""
        answers = []
        threads = [threading.Thread(target=lambda: answers.extend(self.request() for _ in range(self.REQUESTS)))
                   for _ in range(self.THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(answers), self.THREADS * self.REQUESTS)
        for answer in answers:
            self.assertRegex(answer, rb"\AHTTP/1\.[01] 200 ")

    def serve(self, handler, *command):
        if shutil.which(command[0]) is None:
            self.skipTest(f"{command[0]} is not installed")
        with TargetProcess(command) as server:
            # It is listening before it loads the application.
            server.pid = server.expect("ready")["pid"]
            master = int(proc_status(server.pid, "PPid"))
            for flags in ((), ("--every", "--max-pause-share", "100")):
                with self.attach(server, *flags) as corotrace:
                    self.load()
                    result = corotrace.stop()
                self.check(result, every=bool(flags))
                self.assertEqual(result.counts(), {"save_order": self.THREADS * self.REQUESTS}, result)
                self.no_differences(compare.coverage(result.summary), result)
                (site,) = result.events("site")
                innermost = site["dropped"]["frames"][-1]
                self.assertEqual(innermost["name"], handler)
                self.assertEqual(innermost["source"].strip(), "save_order(7, note='from ' + path)")
                self.check_let_go(server)
            server.pid = master
            server.kill(signal.SIGTERM)
            self.assertEqual(server.reap(), 0, server.stderr())

    def test_gunicorn(self):
        self.serve("asgi", "gunicorn", "--bind", "unix:" + self.socket, "--workers", "1",
                   "--worker-class", "uvicorn.workers.UvicornWorker", "--pythonpath", str(TARGETS),
                   "application:asgi")

    def test_uwsgi(self):
        self.serve("wsgi", "uwsgi", "--plugin", "python3", "--http-socket", self.socket, "--master",
                   "--workers", "1", "--threads", "2", "--enable-threads", "--lazy-apps", "--need-app",
                   "--die-on-term", "--disable-logging", "--wsgi-file", str(TARGETS / "application.py"),
                   "--callable", "wsgi")
