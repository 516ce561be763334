# SPDX-License-Identifier: MIT
"""A collector of OpenTelemetry for tests: it keeps what it is told, and may be slow, dead or lying."""
import http.server
import json
import threading
import time

from support.deadline import SECONDS, Deadline


class Collector:
    """Keeps what is posted; `answers` says how the next requests are answered, then it takes each."""

    def __init__(self, answers=(), listening=True, context=None):
        self._answers = list(answers)
        self._change = threading.Condition()
        self._ending = threading.Event()
        self.posts = []  # (path, headers, body, when it came, whether it was taken)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler(), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *unused: None  # of handshakes that fail, which are meant
        self._server.server_bind()
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = None
        if listening:
            self.listen()

    def listen(self):
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._ending.set()
        if self._thread:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _make_handler(collector):  # pylint: disable=no-self-argument
        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = SECONDS

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with collector._change:
                    answer = collector._answers.pop(0) if collector._answers else None
                    collector.posts.append((self.path, self.headers, body, time.monotonic(), answer is None))
                    collector._change.notify_all()
                try:
                    answer(self) if answer else reply(self, 200)
                except OSError:
                    pass  # corotrace does not hear all of it out

            def log_message(self, *unused):
                pass

        Handler.ending = collector._ending
        return Handler

    def wait(self, count, what="posts", wanted=lambda post: True):
        """The first `count` posts that are wanted."""
        deadline = Deadline()
        with self._change:
            while len(found := [post for post in self.posts if wanted(post)]) < count:
                self._change.wait(deadline.left(f"{count} {what} at the collector, not {len(found)}"))
            return found[:count]

    def records(self, taken=True):
        """The log records of all posts, each with its resource."""
        with self._change:
            posts = list(self.posts)
        return [(attributes(record), record, attributes(logs["resource"]))
                for path, _, body, _, was_taken in posts if path == "/v1/logs" and was_taken >= taken
                for logs in json.loads(body)["resourceLogs"]
                for scope in logs["scopeLogs"] for record in scope["logRecords"]]


def attributes(node):
    return {one["key"]: next(iter(one["value"].values())) for one in node.get("attributes", ())}


def fields(message, number):
    """The values of one field of a message of Protobuf: bytes, or numbers."""
    found, at = [], 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = message[at], at + 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        value = size = 8 if tag & 7 == 1 else varint()
        if tag & 7:
            value, at = message[at:at + size], at + size
        if tag >> 3 == number:
            found.append(int.from_bytes(value, "little") if tag & 7 == 1 else value)
    return found


def reply(handler, status, **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def busy(handler):
    reply(handler, 503, Retry_After="2")


def refuse(handler):
    reply(handler, 400)


def take_part(of_logs, of_metrics):
    """Takes a post but for a part of it, told in the post's own form; each is (rejected, message)."""
    def answer(handler):
        rejected, message = of_logs if handler.path == "/v1/logs" else of_metrics
        name = "rejectedLogRecords" if handler.path == "/v1/logs" else "rejectedDataPoints"
        body = json.dumps({"partialSuccess": {name: str(rejected), "errorMessage": message}}).encode()
        if handler.headers["Content-Type"] == "application/x-protobuf":
            partial = bytes([1 << 3, rejected, 2 << 3 | 2, len(message)]) + message.encode()
            body = bytes([1 << 3 | 2, len(partial)]) + partial
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def hang(handler):
    handler.ending.wait()


def end(handler):
    handler.connection.close()


def garbage(handler):
    handler.wfile.write(b"\x00\xff not HTTP at all \r\n\r\n" * 100)


def endless_head(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not handler.ending.is_set():
        handler.wfile.write(b"X-More: and more\r\n" * 100)


def endless_body(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not handler.ending.is_set():
        handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def is_logs(post):
    return post[0] == "/v1/logs"


def is_metrics(post):
    return post[0] == "/v1/metrics"
