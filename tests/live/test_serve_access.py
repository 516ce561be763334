# SPDX-License-Identifier: MIT
"""serve: who may read what it answers: a token, TLS, and clients that mean harm. It watches nobody here."""
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import warnings
from pathlib import Path

from support.corotrace import Corotrace
from support.deadline import SECONDS
from support.live_test import LiveTest

TOKEN = "a-token-of-the-test.0123"
OTHER = "another-token-of-it.4567"


class ServeAccess(LiveTest):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.token = self.folder / "token"
        self.token.write_text(TOKEN + "\n")

    def serve(self, *arguments):
        """No process has such a command line."""
        corotrace = Corotrace(self.binary, "serve", "--match", f"nobody-{os.getpid()}", "--listen", "127.0.0.1:0", *arguments)
        corotrace.wait_said("watches Python processes")
        return corotrace

    def refused(self, *arguments):
        """What is said of a wrong command line."""
        with Corotrace(self.binary, "serve", "--listen", "127.0.0.1:0", *arguments) as corotrace:
            result = corotrace.finish()
        self.assertEqual(result.status, 2, result)
        return result.stderr

    def address(self, corotrace):
        host, port = re.findall(r"answers at https?://([0-9.]+):(\d+)/", corotrace.said_to_stderr())[-1]
        return host, int(port)

    def make_certificate(self, name, *, of="tls"):
        """PEM files as --tls-certificate and --tls-key take them, put where those of `of` are; returns the former's
        path."""
        made = [self.folder / f"{name}.new.{end}" for end in ("crt", "key")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                        "-out", made[0], "-keyout", made[1]], check=True, stderr=subprocess.DEVNULL)
        # As a whole: there is no moment with half of a file.
        for path, end in zip(made, ("crt", "key")):
            os.replace(path, self.folder / f"{of}.{end}")
        return self.folder / f"{of}.crt"

    def tls(self):
        return "--tls-certificate", self.folder / "tls.crt", "--tls-key", self.folder / "tls.key"

    def trusting(self, certificate):
        return ssl.create_default_context(cafile=str(certificate))

    def ask(self, corotrace, path="/sites", authorization=None, context=None):
        """(status, headers) of the answer."""
        host, port = self.address(corotrace)
        connection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context) if context else \
            http.client.HTTPConnection(host, port, timeout=SECONDS)
        try:
            connection.request("GET", path, headers={"Authorization": authorization} if authorization else {})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        finally:
            connection.close()

    def test_off_this_host(self):
        """Without a token and TLS it does not listen there, at SIGHUP neither, unless that is said to be wanted."""
        config = self.folder / "serve.toml"
        matches = f'match = "nobody-{os.getpid()}"\n'
        config.write_text(matches + 'listen = "0.0.0.0:0"\n')
        with Corotrace(self.binary, "serve", "--config", config) as corotrace:
            result = corotrace.finish()
        self.assertEqual(result.status, 2, result)
        self.assertIn("add --tls-certificate and --token-file, or --insecure-listen", result.stderr)
        config.write_text(matches + 'listen = "0"\n')
        with Corotrace(self.binary, "serve", "--config", config) as corotrace:
            corotrace.wait_said("watches Python processes")
            config.write_text(matches + 'listen = "0.0.0.0:0"\n')
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_said("goes on with the options that it had")
            config.write_text(matches + 'listen = "0.0.0.0:0"\ninsecure-listen = true\n')
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_said("answers at http://0.0.0.0:")
            self.assertEqual(self.ask(corotrace)[0], 200)
            self.assertEqual(corotrace.stop().status, 0)

    def test_token(self):
        with self.serve("--token-file", self.token) as corotrace:
            for wrong in (None, "Bearer", "Bearer " + OTHER, "Bearer " + TOKEN[:-1], "Basic " + TOKEN, TOKEN):
                for path in ("/", "/sites", "/metrics", "/nothing", "//-/ready", "/-/ready/../../sites"):
                    status, headers = self.ask(corotrace, path, wrong)
                    self.assertEqual(status, 401, (wrong, path))
                    self.assertEqual(headers["WWW-Authenticate"], 'Bearer realm="corotrace"')
            for right in ("Bearer " + TOKEN, "bearer  " + TOKEN):
                self.assertEqual(self.ask(corotrace, "/sites", right)[0], 200)
            for path in ("/-/healthy", "/-/ready"):
                self.assertEqual(self.ask(corotrace, path)[0], 200)
            # It is renewed, is taken away, and comes back.
            self.token.write_text(OTHER)
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + TOKEN)[0], 401)
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + OTHER)[0], 200)
            self.token.unlink()
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + OTHER)[0], 401)
            corotrace.wait_said("nobody is let in until this is mended: --token-file: ")
            self.assertEqual(self.ask(corotrace, "/-/ready")[0], 200)
            self.token.write_text(TOKEN)
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + TOKEN)[0], 200)
            self.assertNotIn(TOKEN, corotrace.said_to_stderr())
            self.assertNotIn(OTHER, corotrace.said_to_stderr())
            self.assertEqual(corotrace.stop().status, 0)

    def test_an_address_that_cannot_be_had(self):
        """At SIGHUP it answers where it did then, and still asks for the token there."""
        taken = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        config = self.folder / "serve.toml"
        matches = f'match = "nobody-{os.getpid()}"\n'
        config.write_text(matches + f'listen = "0"\ntoken-file = "{self.token}"\n')
        with Corotrace(self.binary, "serve", "--config", config) as corotrace:
            corotrace.wait_said("watches Python processes")
            self.assertEqual(self.ask(corotrace)[0], 401)
            config.write_text(matches + f'listen = "{taken.getsockname()[1]}"\n')
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_said("answers where it did")
            self.assertEqual(self.ask(corotrace)[0], 401)
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + TOKEN)[0], 200)
            self.assertEqual(corotrace.stop().status, 0)

    def test_tls(self):
        first = self.make_certificate("first")
        with self.serve(*self.tls(), "--token-file", self.token) as corotrace:
            context = self.trusting(first)
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + TOKEN, context=context)[0], 200)
            self.assertEqual(self.ask(corotrace, context=context)[0], 401)
            with self.assertRaises((http.client.HTTPException, OSError)):
                self.ask(corotrace)  # HTTP as it is
            # Too old a version: the server says so.
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings(action="ignore"):  # of Python's, which says that these are too old
                old.minimum_version = ssl.TLSVersion.TLSv1
                old.maximum_version = ssl.TLSVersion.TLSv1_1
            with self.assertRaisesRegex(ssl.SSLError, "alert protocol version"):
                self.ask(corotrace, context=old)
            new = self.trusting(first)
            new.maximum_version = ssl.TLSVersion.TLSv1_2
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + TOKEN, context=new)[0], 200)
            # Another certificate, whose key is not there yet; then that is.
            self.make_certificate("second", of="next")
            os.replace(self.folder / "next.crt", first)
            self.assertEqual(self.ask(corotrace, "/-/ready", context=context)[0], 200)
            corotrace.wait_said("keeps the certificate that it had: ")
            os.replace(self.folder / "next.key", self.folder / "tls.key")
            self.assertEqual(self.ask(corotrace, "/-/ready", context=self.trusting(first))[0], 200)
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.ask(corotrace, "/-/ready", context=context)
            self.assertEqual(corotrace.stop().status, 0)

    def test_handshakes_that_stand_still(self):
        """They make room for who asks; and none of them outlives the time that a request has."""
        certificate = self.make_certificate("slow")
        with self.serve(*self.tls()) as corotrace:
            silent = [socket.create_connection(self.address(corotrace), SECONDS) for _ in range(200)]
            try:
                for number, one in enumerate(silent):
                    if number % 2:
                        # A record of a handshake that says it has 512 bytes, and the first of them.
                        try:
                            one.sendall(b"\x16\x03\x01\x02\x00\x01")
                        except OSError:
                            pass  # it has been ended
                self.assertEqual(self.ask(corotrace, "/-/ready", context=self.trusting(certificate))[0], 200)
                for one in silent:
                    try:
                        while one.recv(1000):
                            pass
                    except ConnectionError:
                        pass
            finally:
                for one in silent:
                    one.close()
            self.assertEqual(self.ask(corotrace, "/-/ready", context=self.trusting(certificate))[0], 200)
            self.assertEqual(corotrace.stop().status, 0)

    def test_wrong_files(self):
        self.make_certificate("one")
        self.make_certificate("other", of="other")
        certificate, key = self.folder / "tls.crt", self.folder / "tls.key"
        locked = self.folder / "locked.key"
        subprocess.run(["openssl", "ec", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked], check=True,
                       stderr=subprocess.DEVNULL)
        self.assertIn("no certificate", self.refused("--tls-certificate", self.folder / "none"))
        self.assertIn("no certificate", self.refused("--tls-certificate", self.token))
        self.assertIn(f"{certificate}: no key", self.refused("--tls-certificate", certificate))
        self.assertIn("no key", self.refused("--tls-certificate", certificate, "--tls-key", self.folder / "other.key"))
        self.assertIn("no key", self.refused("--tls-certificate", certificate, "--tls-key", locked))
        self.assertIn("without --tls-certificate", self.refused("--tls-key", key))
        self.assertIn("No such file", self.refused("--token-file", self.folder / "none"))
        self.token.write_text("short\n")
        self.assertIn("can be guessed", self.refused("--token-file", self.token))
        # All in one file.
        both = self.folder / "both.pem"
        both.write_text(certificate.read_text() + key.read_text())
        with self.serve("--tls-certificate", both) as corotrace:
            self.assertEqual(self.ask(corotrace, "/-/ready", context=self.trusting(certificate))[0], 200)
            self.assertEqual(corotrace.stop().status, 0)

    def test_wrong_files_at_hangup(self):
        """The options and what they name stay as they were."""
        file = self.folder / "serve.toml"
        file.write_text(f'token-file = "{self.token}"\n')
        with self.serve("--config", file) as corotrace:
            file.write_text(f'token-file = "{self.folder}/none"\n')
            corotrace.signal(signal.SIGHUP)
            corotrace.wait_said("goes on with the options that it had: --token-file: ")
            corotrace.wait_said("watches Python processes", 2)
            self.assertEqual(self.ask(corotrace)[0], 401)
            self.assertEqual(self.ask(corotrace, authorization="Bearer " + TOKEN)[0], 200)
            self.assertEqual(corotrace.stop().status, 0)
