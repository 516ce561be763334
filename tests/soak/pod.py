# SPDX-License-Identifier: MIT
"""What servers.py puts into a pod: user, pid and mount namespaces of its own, made without a container engine, whose
first process only waits. Servers and corotrace enter it, each with mounts of its own, as the containers of a pod do."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from support.container import USER_AND_PID, innermost_child  # noqa: E402

WITHIN_S = 120


def wait_for(what, condition):
    """What `condition` returns once that is true; it is asked often, for what happens has no other sign."""
    until = time.monotonic() + WITHIN_S
    while not (result := condition()):
        if time.monotonic() > until:
            raise SystemExit(f"waited too long for {what}")
        time.sleep(0.05)
    return result


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def fetch(url):
    """The answer's text, or None if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return None


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def cpu_s_of(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Pod:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="corotrace-soak-")
        self.path = Path(self.folder.name)
        self._first = subprocess.Popen([*USER_AND_PID, "--mount", "--mount-proc", "cat"], stdin=subprocess.PIPE)
        self._cat = wait_for("the pod", lambda: self._find_cat(innermost_child(self._first.pid)))

    @staticmethod
    def _find_cat(pid):
        return pid if Path(f"/proc/{pid}/comm").read_text() == "cat\n" else None

    def start(self, name, *command, **popen):
        """A Popen of what entered it, and the pid, as seen from here, of the program itself."""
        enter = ["nsenter", f"--target={self._cat}", "--user", "--pid", "--mount", "--preserve-credentials", "unshare", "--mount"]
        with open(self.path / f"{name}.out", "ab") as out, open(self.path / f"{name}.err", "ab") as err:
            entered = subprocess.Popen([*enter, *map(str, command)], stdin=subprocess.DEVNULL, stdout=out, stderr=err, **popen)
        return entered, wait_for(name, lambda: children(entered.pid))[0]

    def said(self, name):
        return (self.path / f"{name}.err").read_text(errors="replace")

    def close(self):
        self._first.stdin.close()
        self._first.wait()
        self.folder.cleanup()


class Server:
    """A prefork server of the application, with its truth."""

    def __init__(self, pod, name, command, port):
        self._name, self._pod, self.port = name, pod, port
        self._truth = pod.path / f"truth-{name}"
        self._truth.mkdir()
        env = {**os.environ, "COROTRACE_SOAK_TRUTH": str(self._truth), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore",
               "PYTHONPATH": str(HERE)}
        self._entered, self.pid = pod.start(name, *command, env=env)
        wait_for(f"{name} to answer", lambda: fetch(f"http://127.0.0.1:{port}/ready"))

    def signal(self, number):
        os.kill(self.pid, number)

    def processes(self):
        return [self.pid, *children(self.pid)]

    def truth(self, bugs):
        """By name, of all workers that there were."""
        files = [file.read_bytes() for file in self._truth.iterdir()]
        return {name: sum(int.from_bytes(data[8 * i:8 * i + 8], sys.byteorder) for data in files) for i, name in enumerate(bugs)}

    def truth_of_each(self):
        """By the pid in the pod; one may have been given twice."""
        drops = {}
        for file in self._truth.iterdir():
            pid, data = int(file.name.split("-")[0]), file.read_bytes()
            numbers = (int.from_bytes(data[at:at + 8], sys.byteorder) for at in range(0, len(data), 8))
            drops[pid] = drops.get(pid, 0) + sum(numbers)
        return drops

    def workers_seen(self):
        return len(list(self._truth.iterdir()))

    def close(self):
        if self._entered.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            self._entered.wait(WITHIN_S)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self._entered.wait()


class Serve:
    """corotrace serve in the pod, always at the same port."""

    def __init__(self, pod, binary, port, *flags, **popen):
        self._url = f"http://127.0.0.1:{port}"
        self._entered, self.pid = pod.start("serve", binary, "serve", "--listen", f"127.0.0.1:{port}", *flags, **popen)

    def answers(self):
        if self._entered.poll() is not None:
            raise SystemExit(f"serve ended with {self._entered.returncode}")
        return fetch(self._url + "/-/ready")

    def metric(self, name):
        found = re.search(rf"(?m)^{name} (\S+)$", fetch(self._url + "/metrics") or "")
        return float(found[1]) if found else None

    def drops(self):
        """By name of the coroutine."""
        counts = {}
        for site in json.loads(fetch(self._url + "/sites") or '{"sites": []}')["sites"]:
            counts[site["coroutine"]] = counts.get(site["coroutine"], 0) + site["count"]
        return counts

    def cpu_s(self):
        return cpu_s_of(self.pid)

    def resident_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text())[1]) / 1024

    def stand_still(self):
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self):
        """With the programs that started it, which stop when it does."""
        pid = self.pid
        while pid != os.getpid():
            os.kill(pid, signal.SIGCONT)
            pid = int(re.search(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self._entered.wait()

    def terminate(self):
        """The exit status."""
        if self._entered.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        return self._entered.wait(WITHIN_S)


class Prometheus:
    """Debian's, of one target."""

    def __init__(self, folder, target_port):
        self._port = free_port()
        config = folder / "prometheus.yml"
        config.write_text("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: corotrace\n  static_configs:\n"
                          f"  - targets: ['127.0.0.1:{target_port}']\n")
        with open(folder / "prometheus.log", "wb") as log:
            self._process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/prometheus",
                 f"--web.listen-address=127.0.0.1:{self._port}"], stdout=log, stderr=log)
        wait_for("prometheus", lambda: fetch(f"http://127.0.0.1:{self._port}/-/ready"))

    def query(self, expression):
        """{label values: number}"""
        text = fetch(f"http://127.0.0.1:{self._port}/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        return {tuple(item["metric"].values()): float(item["value"][1]) for item in json.loads(text)["data"]["result"]} if text else {}

    def close(self):
        self._process.terminate()
        self._process.wait()


WRK_TELLS = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\n{"requests": %d, "failed": %d, "p50_us": %d, "p99_us": %d, "max_us": %d}\\n', summary.requests,
           e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99), latency.max))
end
"""
WRK_PAUSES = "delay = function() return {} end\n"


class Load:
    """wrk at one server. Each connection waits for pause_ms before it asks again, and without it asks at once."""

    def __init__(self, pod, port, seconds, connections=8, pause_ms=0):
        script = pod.path / f"tells-{pause_ms}.lua"
        script.write_text(WRK_TELLS + (WRK_PAUSES.format(pause_ms) if pause_ms else ""))
        self._process = subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script,
                                          f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE, text=True)

    def is_on(self):
        return self._process.poll() is None

    def finish(self):
        text = self._process.communicate()[0]
        try:
            return json.loads(text.splitlines()[-1])
        except (IndexError, ValueError):
            raise SystemExit(f"wrk ended with {self._process.returncode}: {text}") from None
