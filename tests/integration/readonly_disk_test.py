"""A disk that becomes read-only while konekwad runs: what was acknowledged is there afterwards, what WhatsApp holds
arrives once, and what a client repeats with its key goes out once, whatever it was told the first time."""

import collections
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from programs import ROOT, ProcessTest, exchange, until

EXIT_NOT_STARTED, EXIT_IO_ERROR = 1, 74
TEXTS_MAX = 5000   # so that a daemon which never refuses ends the load as well


class Load:
    """A client that sends text after text, each with a key of its own, until nobody answers; beside it a phone that
    writes a message for every tenth."""

    def __init__(self, test):
        self.test = test
        self.answers = {}   # text -> (when it was asked, status or None, message id or None)
        self.said = []
        self.is_stopping = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        test.addCleanup(self.stop)

    def run(self):
        for i in range(TEXTS_MAX):
            text, asked_at = f"Halo {i}", time.monotonic()
            status, message_id = self.test.send(text)
            self.answers[text] = (asked_at, status, message_id)
            if status is None or self.is_stopping:
                return
            if i % 10 == 0:
                self.said.append(f"Kabar {i}")
                self.test.net.say(self.test.phone, self.test.number, self.said[-1])

    def stop(self):
        self.is_stopping = True
        self.thread.join()

    def accepted(self, since=0.0):
        """{text: message id}"""
        return {text: message_id for text, (asked_at, status, message_id) in list(self.answers.items())
                if status == 202 and asked_at >= since}


class DiskThatBecomesReadOnly(ProcessTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.shim = cls.folder / "libreadonly_disk.so"
        source = ROOT / "tests/support/readonly_disk.c"
        subprocess.run(["cc", "-O1", "-Wall", "-shared", "-fPIC", "-o", cls.shim, source, "-ldl"], check=True)

    def setUp(self):
        super().setUp()
        self.marker = self.directory / "read-only"
        self.net = self.sandbox()
        self.webhooks = self.receiver()
        self.daemon = self.konekwad(sandbox=self.net, rate_limits=False)
        self.environment = {"LD_PRELOAD": str(self.shim), "KONEKWA_TEST_READONLY_FOLDER": str(self.daemon.data),
                            "KONEKWA_TEST_READONLY_MARKER": str(self.marker)}
        self.plain_spawn, self.daemon.spawn = self.daemon.spawn, self.spawn
        self.daemon.start()

    def link(self):
        self.session = self.daemon.create_session("Toko", self.webhooks.url)
        self.number = self.daemon.link(self.session, self.net)
        self.phone = self.net.create_account("Pembeli")

    def spawn(self):
        os.environ.update(self.environment)
        try:
            return self.plain_spawn()
        finally:
            for name in self.environment:
                del os.environ[name]

    def send(self, text):
        """(status or None, message id or None). The key is the text."""
        body = {"session_id": self.session, "recipient": self.phone, "message_type": "text", "content": text}
        try:
            status, answer = self.request("POST", "/v1/messages", body, {"idempotency-key": text.replace(" ", "-")})
        except OSError:
            return None, None
        return status, answer.get("message_id")

    def request(self, method, path, body=None, headers=None):
        return exchange(self.daemon.tcp(), method, path, body, {"x-api-key": self.daemon.token, **(headers or {})})

    def inbox(self):
        return [message["text"] for message in self.net.inbox(self.phone) if not message.get("from_me")]

    def received(self):
        return [data["message"]["content"] for data in self.webhooks.of("message.received")]

    def becomes_read_only(self, marker):
        """Under load. The load, and the moment from which on the disk took nothing."""
        self.link()
        load = Load(self)
        until("both directions are busy", lambda: len(load.accepted()) >= 50 and self.received())
        self.marker.write_text(marker)
        return load, time.monotonic()

    def it_does_not_start(self):
        before = len(self.daemon.program.log.read_text())
        self.assertEqual(self.spawn().wait(), EXIT_NOT_STARTED)   # not 78: the service manager has to try again
        self.assertIn(f"{self.daemon.data}: Read-only file system", self.daemon.program.log.read_text()[before:])
        for command in (("send", "--session", self.session, "--to", self.phone, "--text", "Halo"),
                        ("health", "--ready"), ("doctor",)):
            done = self.daemon.cli_process(*command)
            self.assertNotEqual(done.returncode, 0, command)
            self.assertIn("konekwad", done.stdout + done.stderr)

    def nothing_is_missing_and_nothing_comes_twice(self, load):
        accepted = load.accepted()
        stored = {message["id"] for message in self.daemon.messages(self.session)}
        self.assertEqual(set(accepted.values()) - stored, set())
        # Nobody knows of one that was not answered, or answered with 503, whether it is stored: so it is sent again.
        for text in load.answers:
            if text not in accepted:
                status, accepted[text] = self.send(text)
                self.assertEqual(status, 202)
        until("all that was accepted arrives", lambda: set(self.inbox()) >= set(accepted), timeout_s=60)
        until("all that was said arrives", lambda: len(self.received()) >= len(load.said), timeout_s=60)
        until("each accepted one is reported", lambda: {data["message_id"] for data in self.webhooks.of(
            "message.delivered")} >= set(accepted.values()), timeout_s=60)
        self.assertEqual([text for text, times in collections.Counter(self.inbox()).items() if times > 1], [])
        self.assertEqual(self.received(), load.said)
        self.assertEqual(self.net.violations(), [])

    def test_that_refuses_writes(self):
        """Nothing is in doubt, so it goes on by itself."""
        load, since = self.becomes_read_only("")
        until("a message is refused", lambda: 503 in [status for _, status, _ in list(load.answers.values())])
        self.assertEqual(self.request("GET", "/ready")[0], 503)
        health = self.daemon.cli_process("health", "--ready")
        self.assertNotEqual(health.returncode, 0)
        self.assertIn("the disk takes no writes", health.stdout)
        sent = self.daemon.cli_process("send", "--session", self.session, "--to", self.phone, "--text", "Halo")
        self.assertIn("STORAGE_UNAVAILABLE", sent.stderr)
        self.assertIn("the disk takes no writes", self.daemon.program.log.read_text())
        load.stop()
        self.assertEqual(load.accepted(since), {})
        self.daemon.program.must_run()

        self.marker.unlink()
        until("it is ready again", lambda: self.request("GET", "/ready")[0] == 200, timeout_s=60)
        self.daemon.wait_connected(self.session)
        self.nothing_is_missing_and_nothing_comes_twice(load)

    def test_that_takes_writes_into_its_cache_and_refuses_to_sync(self):
        """Nobody knows what is on it, so the next start has to look."""
        load, since = self.becomes_read_only("at sync")
        self.assertEqual(self.daemon.program.wait(), EXIT_IO_ERROR)
        load.thread.join()
        self.assertEqual(load.accepted(since), {})
        log = self.daemon.program.log.read_text()
        self.assertIn("the database is broken: disk I/O error", log)
        self.assertIn("the daemon ends, to be started again", log)
        self.it_does_not_start()
        for i in range(3):   # WhatsApp keeps what nobody takes
            load.said.append(f"Masih tutup? {i}")
            self.net.say(self.phone, self.number, load.said[-1])

        self.marker.unlink()
        self.daemon.start()
        self.daemon.wait_connected(self.session)
        self.nothing_is_missing_and_nothing_comes_twice(load)

    def test_that_nobody_writes_to(self):
        """Reading goes on, and a file is refused."""
        self.assertEqual(self.request("GET", "/v1/sessions")[0], 200)
        until("the use of the key is written down, for a minute",   # nothing else is written by itself
              lambda: all("last_used_at" in token for token in self.daemon.over_socket("GET", "/v1/tokens")["tokens"]))
        self.marker.touch()
        self.assertEqual(self.request("GET", "/v1/sessions")[0], 200)
        status, answer = self.request("POST", "/v1/media", "x" * 1000, {"content-type": "application/octet-stream"})
        self.assertEqual((status, answer["error"]["code"]), (503, "STORAGE_UNAVAILABLE"))
        self.daemon.program.must_run()
        self.marker.unlink()
        status, _ = self.request("POST", "/v1/media", "x" * 1000, {"content-type": "application/octet-stream"})
        self.assertEqual(status, 201)


if __name__ == "__main__":
    unittest.main()
