# SPDX-License-Identifier: MIT
"""serve --otlp-endpoint: what a collector is told; and one that is slow, dead or lying holds nobody up."""
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path

from support.collector import (Collector, attributes, busy, end, endless_body, endless_head, fields, garbage,
                               hang, is_logs, is_metrics, refuse, take_part)
from support.corotrace import Corotrace
from support.deadline import SECONDS, Deadline
from support.live_test import LiveTest


class Export(LiveTest):
    def setUp(self):
        self.mark = f"exported-{os.getpid()}-{self._testMethodName}"

    def serve(self, collector, *arguments, **variables):
        """Metrics are sent each second."""
        return self.start("--match", self.mark, "--listen", "127.0.0.1:0", "--otlp-endpoint", collector.url, *arguments,
                          OTEL_SERVICE_NAME="shop", **variables)

    def start(self, *arguments, within=(), **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("COROTRACE_", "OTEL_"))}
        corotrace = Corotrace(*within, self.binary, "serve", *arguments,
                              env={**environment, "OTEL_METRIC_EXPORT_INTERVAL": "1000", **variables})
        corotrace.wait_said("watches Python processes")
        return corotrace

    def resting(self):
        target = self.target("resting.py", "0", self.mark)
        target.expect("ready")
        return target

    def drop(self, target):
        target.say("drop")
        target.expect("dropped")

    def metric(self, corotrace, name):
        ((host, port),) = re.findall(r"answers at http://([0-9.]+):(\d+)/", corotrace.said_to_stderr())
        connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
        try:
            connection.request("GET", "/metrics")
            (value,) = re.findall(rf"(?m)^{name} (\d+)$", connection.getresponse().read().decode())
            return int(value)
        finally:
            connection.close()

    def wait_metric(self, corotrace, name, least):
        deadline = Deadline()
        while (now := self.metric(corotrace, name)) < least:
            deadline.left(f"{name} to be {least}, not {now}")
            time.sleep(0.05)
        return now

    def terminate(self, corotrace):
        corotrace.signal(signal.SIGTERM)
        result = corotrace.finish()
        self.assertEqual(result.status, 0, result)
        return result

    def forgotten(self, collector, **how):
        return [found for found in collector.records(**how) if found[0]["corotrace.coroutine"] == "forgotten"]

    def test_what_is_told(self):
        with Collector() as collector, self.resting() as one, self.resting() as other, \
                self.serve(collector, OTEL_EXPORTER_OTLP_HEADERS="api-key=s3cret%20key",
                           OTEL_RESOURCE_ATTRIBUTES="k8s.pod.name=pod-7") as corotrace:
            for target in (one, other):
                corotrace.wait_that(lambda line, pid=target.pid: line["event"] == "attached" and line["pid"] == pid, "attached")
                self.drop(target)
                corotrace.wait_that(lambda line, pid=target.pid: line["event"] == "finding" and line["pid"] == pid and
                                    line["coroutine"]["qualname"] == "forgotten", "finding")
            result = self.terminate(corotrace)
            collector.wait(1, "log posts", is_logs)
            ((told, record, resource),) = self.forgotten(collector)  # once, for both processes
            (site,) = [line for line in result.drops("finding") if line["coroutine"]["qualname"] == "forgotten"
                       and line["pid"] == one.pid]
            self.assertEqual(told["corotrace.fingerprint"], site["fingerprint"])
            self.assertEqual(told["corotrace.mistake.id"], site["mistake"]["id"])
            self.assertEqual(told["process.pid"], str(one.pid))
            self.assertEqual(told["code.file.path"], site["dropped"]["frames"][-1]["file"])
            self.assertEqual(int(told["code.line.number"]), site["dropped"]["frames"][-1]["line"])
            self.assertIn("'forgotten' was never awaited", record["body"]["stringValue"])
            self.assertEqual((resource["service.name"], resource["k8s.pod.name"]), ("shop", "pod-7"))
            # Each fingerprint once.
            prints = [found[0]["corotrace.fingerprint"] for found in collector.records()]
            self.assertEqual(len(prints), len(set(prints)))
            # The last metrics are those of the end.
            path, headers, body, _, _ = [post for post in collector.posts if is_metrics(post)][-1]
            self.assertEqual((path, headers["Content-Type"], headers["api-key"]),
                             ("/v1/metrics", "application/json", "s3cret key"))
            (metrics,) = json.loads(body)["resourceMetrics"][0]["scopeMetrics"]
            sums = {metric["name"]: metric["sum"] for metric in metrics["metrics"]}
            all_of_it = sum(line["never_awaited"] for line in result.events("summary"))
            self.assertEqual(int(sums["corotrace.never_awaited_coroutines"]["dataPoints"][0]["asInt"]), all_of_it)
            by_site = {attributes(point)["corotrace.fingerprint"]: int(point["asInt"])
                       for point in sums["corotrace.site.drops"]["dataPoints"]}
            self.assertEqual(by_site[site["fingerprint"]], 200)
            self.assertNotIn("s3cret", result.stderr)
            self.check_let_go(one)

    def test_protobuf(self):
        with Collector() as collector, self.resting() as target, \
                self.serve(collector, OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf") as corotrace:
            corotrace.wait_event("attached")
            self.drop(target)
            corotrace.wait_that(lambda line: line["event"] == "finding" and line["coroutine"]["qualname"] == "forgotten", "finding")
            result = self.terminate(corotrace)
            collector.wait(1, "log posts", is_logs)
            self.assertEqual({post[1]["Content-Type"] for post in collector.posts}, {"application/x-protobuf"})
            records = [record for post in collector.posts if is_logs(post) for logs in fields(post[2], 1)
                       for scope in fields(logs, 2) for record in fields(scope, 2)]
            self.assertTrue(any(b"'forgotten' was never awaited" in fields(fields(record, 5)[0], 1)[0] for record in records))
            # The last metrics are those of the end.
            (resource,) = fields([post for post in collector.posts if is_metrics(post)][-1][2], 1)
            sums = {fields(metric, 1)[0].decode(): fields(metric, 7)[0] for metric in fields(fields(resource, 2)[0], 2)}
            (point,) = fields(sums["corotrace.never_awaited_coroutines"], 1)
            self.assertEqual(fields(point, 6), [sum(line["never_awaited"] for line in result.events("summary"))])

    def test_signals_apart(self):
        """Logs to one server, metrics to another, each at the very address; one that is down holds up nothing of the other."""
        logs = Collector()
        with Collector() as metrics, self.resting() as target, self.start(
                "--match", self.mark, "--listen", "127.0.0.1:0",
                OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=logs.url + "/otlp/logs", OTEL_EXPORTER_OTLP_LOGS_HEADERS="tenant=a",
                OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=metrics.url + "/push",
                OTEL_EXPORTER_OTLP_METRICS_PROTOCOL="http/protobuf") as corotrace:
            corotrace.wait_event("attached")
            with logs:
                self.drop(target)
                logs.wait(1, "log posts", lambda post: True)
            before = len(metrics.posts)
            metrics.wait(before + 2, "posts of metrics while the other server is gone", lambda post: True)
            self.terminate(corotrace)
        self.assertEqual({(post[0], post[1]["Content-Type"], post[1]["tenant"]) for post in logs.posts},
                         {("/otlp/logs", "application/json", "a")})
        self.assertEqual({(post[0], post[1]["Content-Type"], post[1]["tenant"]) for post in metrics.posts},
                         {("/push", "application/x-protobuf", None)})

    def test_busy(self):
        """It is asked again no earlier than it says, and gets each record once."""
        with Collector([busy] * 2) as collector, self.serve(collector, OTEL_METRIC_EXPORT_INTERVAL="86400000") as corotrace, \
                self.resting() as target:
            corotrace.wait_event("attached")
            self.drop(target)
            posts = collector.wait(3, "log posts", is_logs)
            for (_, _, _, before, _), (_, _, _, after, _) in zip(posts, posts[1:]):
                self.assertGreaterEqual(after - before, 2)
            deadline = Deadline()
            while not self.forgotten(collector):
                deadline.left("the record")
                time.sleep(0.05)
            corotrace.wait_said("does not take what is sent: it answers with status 503")
            corotrace.wait_said("takes what is sent again")
            self.assertEqual(self.metric(corotrace, "corotrace_export_failures_total"), 2)
            self.assertEqual(self.metric(corotrace, "corotrace_export_dropped_records_total"), 0)
            self.terminate(corotrace)
            self.assertEqual(len(self.forgotten(collector)), 1)

    def test_taken_in_part(self):
        """What a collector says that it left out is counted, told once, and not sent again."""
        for protocol in ("http/json", "http/protobuf"):
            answers = [take_part((1, "too old"), (3, "a name"))] * 1000
            with self.subTest(protocol), Collector(answers) as collector, \
                    self.serve(collector, OTEL_EXPORTER_OTLP_PROTOCOL=protocol) as corotrace, self.resting() as target:
                corotrace.wait_event("attached")
                collector.wait(2, "posts of metrics", is_metrics)
                self.assertEqual(self.wait_metric(corotrace, "corotrace_export_rejected_points_total", 6) % 3, 0)
                self.drop(target)
                self.wait_metric(corotrace, "corotrace_export_dropped_records_total", 1)
                self.assertEqual(self.metric(corotrace, "corotrace_export_failures_total"), 0)
                self.assertEqual(self.metric(corotrace, "corotrace_export_queued_records"), 0)
                said = self.terminate(corotrace).stderr
                self.assertEqual(said.count("left out 1 log records of what it took: 'too old'"), 1, said)
                self.assertEqual(said.count("left out 3 data points of metrics of what it took: 'a name'"), 1, said)

    def test_slow(self):
        """It never answers; the target goes on, so does serve, and both end."""
        with Collector([hang] * 1000) as collector, self.serve(collector) as corotrace, self.resting() as target:
            corotrace.wait_event("attached")
            collector.wait(1)
            self.drop(target)
            corotrace.wait_that(lambda line: line["event"] == "finding" and line["coroutine"]["qualname"] == "forgotten", "finding")
            self.wait_metric(corotrace, "corotrace_export_queued_records", 1)
            self.drop(target)
            result = self.terminate(corotrace)
            self.assertIn("log records did not reach the collector", result.stderr)
            self.check_let_go(target)
            self.assertEqual(target.end(), 0, target.stderr())

    def test_lying(self):
        """Answers that are none, that have no end, or that refuse. It is asked on."""
        with Collector([garbage, end, endless_head, endless_body, refuse]) as collector, \
                self.serve(collector) as corotrace, self.resting() as target:
            collector.wait(6)
            self.assertEqual(self.wait_metric(corotrace, "corotrace_export_failures_total", 4), 4)
            corotrace.wait_event("attached")
            self.drop(target)
            deadline = Deadline()
            while not self.forgotten(collector):
                deadline.left("the record")
                time.sleep(0.05)
            self.terminate(corotrace)

    def test_refused(self):
        """What it refuses is not sent again, and counted."""
        with Collector([refuse] * 1000) as collector, self.serve(collector, OTEL_METRIC_EXPORT_INTERVAL="86400000") as corotrace, \
                self.resting() as target:
            corotrace.wait_event("attached")
            self.drop(target)
            collector.wait(1, "log posts", is_logs)
            deadline = Deadline()
            while not self.forgotten(collector, taken=False):
                deadline.left("the record")
                time.sleep(0.05)
            self.terminate(corotrace)
            self.assertEqual(len(self.forgotten(collector, taken=False)), 1)
            self.assertEqual(collector.records(), [])

    def test_dead(self):
        """Nobody is there until later. Options of a file may name another one, or none."""
        file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "serve.toml"
        with Collector(listening=False) as collector, Collector() as other:
            file.write_text(f'otlp-endpoint = "{collector.url}"\nmatch = "{self.mark}"\n')
            with self.start("--config", str(file)) as corotrace:
                corotrace.wait_said("does not take what is sent: connecting: Connection refused")
                collector.listen()
                collector.wait(1, "metrics", is_metrics)
                corotrace.wait_said("takes what is sent again")
                file.write_text(f'otlp-endpoint = "{other.url}"\nmatch = "{self.mark}"\n')
                corotrace.signal(signal.SIGHUP)
                other.wait(2, "metrics", is_metrics)
                self.terminate(corotrace)

    def test_tls(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=collector", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                        "-out", folder / "crt", "-keyout", folder / "key"], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "crt", folder / "key")
        with Collector(context=context) as collector:
            with self.serve(collector) as corotrace:
                corotrace.wait_said("does not take what is sent: making TLS: certificate verify failed")
                self.terminate(corotrace)
            self.assertEqual(collector.posts, [])
            with self.serve(collector, OTEL_EXPORTER_OTLP_CERTIFICATE=str(folder / "crt")) as corotrace:
                collector.wait(1, "metrics", is_metrics)
                self.terminate(corotrace)
            # Another name than its certificate has.
            collector.url = collector.url.replace("127.0.0.1", "localhost")
            with self.serve(collector, OTEL_EXPORTER_OTLP_CERTIFICATE=str(folder / "crt")) as corotrace:
                corotrace.wait_said("does not take what is sent: ")
                self.terminate(corotrace)

    def test_names_that_nobody_answers(self):
        """A look-up that takes minutes does not hold up the end."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        # An address of this process's own: other tests may run beside it.
        address = f"127.{1 + os.getpid() // 62500 % 250}.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
        (folder / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:30 attempts:5\n")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            try:
                silent.bind((address, 53))
            except OSError as problem:
                self.skipTest(f"cannot be a name server at {address}: {problem}")
            within = ("unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"',
                      folder / "resolv.conf")
            with self.start("--match", self.mark, "--otlp-endpoint", "http://collector.example:4318", within=within) as corotrace:
                Deadline().wait_readable(silent.fileno(), "a question for an address")
                self.terminate(corotrace)

    def test_no_such_host(self):
        with Collector(listening=False) as collector:
            collector.url = "http://collector.invalid:4318"
            with self.serve(collector) as corotrace:
                corotrace.wait_said("does not take what is sent: ")
                self.terminate(corotrace)
