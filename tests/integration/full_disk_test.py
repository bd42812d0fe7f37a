"""A disk that is full or read-only: nothing is acknowledged that is not stored, the daemon says what is wrong, and goes
on by itself when there is room. The data directory is a small file system of its own, which only konekwad sees."""

import http.client
import pathlib
import subprocess
import unittest

from programs import BINARIES, ProcessTest, Program, exchange, until

SIZE_MIB = 24
MOUNT_ROOM = f'mount -t tmpfs -o size={SIZE_MIB}m,mode=0700 tmpfs "$1"'
MOUNT_READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'


def namespace_command():
    """What gives a process mounts of its own here; nothing where nobody may have them."""
    for command in (["unshare", "-m"], ["unshare", "-rm"]):
        done = subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
        if done.returncode == 0:
            return command
    return None


NAMESPACE = namespace_command()


class InOwnMounts(Program):
    """konekwad with mounts of its own; /proc/PID/root leads there from outside."""

    def __init__(self, data, arguments, log, mount=MOUNT_ROOM):
        data.mkdir(mode=0o700, exist_ok=True)
        self.name, self.log, self.data = "konekwad", pathlib.Path(log), data
        script = f'{mount} && shift && exec "$@"'
        command = [*NAMESPACE, "sh", "-c", script, "sh", data, BINARIES / "konekwad", *map(str, arguments)]
        with open(self.log, "ab") as stderr:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)

    def inside(self, path):
        return pathlib.Path(f"/proc/{self.process.pid}/root{path}")

    def fill(self):
        """Leaves no octet free."""
        with open(self.inside(self.data / "filler"), "wb", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        filler.write(b"x" * size)
                except OSError:
                    pass

    def make_room(self):
        self.inside(self.data / "filler").unlink()


@unittest.skipUnless(NAMESPACE, "file systems cannot be mounted here")
class FullDisk(ProcessTest):
    def setUp(self):
        super().setUp()
        self.net = self.sandbox()
        self.webhooks = self.receiver()
        self.daemon = self.konekwad(sandbox=self.net, rate_limits=False)
        self.daemon.spawn = self.spawn
        self.daemon.start()
        self.session = self.daemon.create_session("Toko", self.webhooks.url)
        self.number = self.daemon.link(self.session, self.net)
        self.phone = self.net.create_account("Penjual")

    def spawn(self):
        self.daemon.program = InOwnMounts(self.daemon.data, self.daemon.arguments, self.directory / "konekwad.log")
        return self.daemon.program

    def send(self, text):
        """(status, message id or None)"""
        body = {"session_id": self.session, "recipient": self.phone, "message_type": "text", "content": text}
        status, answer = self.request("POST", "/v1/messages", body)
        return status, answer.get("message_id") if isinstance(answer, dict) else None

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
        return exchange(connection, method, path, body, {"x-api-key": self.daemon.token})[:2]

    def ready(self):
        return self.request("GET", "/ready")

    def test_it_refuses_and_goes_on_when_there_is_room(self):
        accepted = [self.send(f"before {i}") for i in range(5)]
        self.assertEqual([status for status, _ in accepted], [202] * 5)
        self.daemon.program.fill()
        # A page or two may still fit; then every answer is a refusal.
        until("a message is refused", lambda: self.send_and_keep(accepted)[0] == 503)
        status, answer = self.ready()
        self.assertEqual(status, 503, answer)
        self.assertIn("database", str(answer))
        health = self.daemon.cli_process("health", "--ready")
        self.assertNotEqual(health.returncode, 0, health.stdout)
        self.assertIn("the disk takes no writes", self.daemon.program.log.read_text())
        self.assertIn("STORAGE_UNAVAILABLE", self.daemon.cli_process(
            "send", "--session", self.session, "--to", self.phone, "--text", "Halo").stderr)
        said = [f"while it was broken {i}" for i in range(3)]
        for text in said:   # WhatsApp keeps what we do not acknowledge
            self.net.say(self.phone, self.number, text)
        self.daemon.program.must_run()
        self.assertEqual([data["message"]["content"] for data in self.webhooks.of("message.received")], [])

        self.daemon.program.make_room()
        until("it is ready again", lambda: self.ready()[0] == 200, timeout_s=60)
        accepted.append(self.send("after"))
        self.assertEqual(accepted[-1][0], 202)
        kept = [message_id for status, message_id in accepted if status == 202]
        until("all that was accepted arrives", lambda: len(self.inbox()) >= len(kept), timeout_s=60)
        self.assertEqual(len(self.inbox()), len(kept))
        until("all that was said arrives", lambda: len(self.webhooks.of("message.received")) >= 3, timeout_s=60)
        self.assertEqual([data["message"]["content"] for data in self.webhooks.of("message.received")], said)
        until("each accepted one is reported", lambda: {data["message_id"] for data in self.webhooks.of(
            "message.delivered")} == set(kept), timeout_s=60)
        self.assertEqual(self.net.violations(), [])

    def send_and_keep(self, accepted):
        sent = self.send("x" * 2000)
        accepted.append(sent)
        return sent

    def inbox(self):
        return [message for message in self.net.inbox(self.phone) if not message.get("from_me")]


@unittest.skipUnless(NAMESPACE, "file systems cannot be mounted here")
class ReadOnlyDisk(ProcessTest):
    def test_the_daemon_says_so_and_starts_when_it_may_write(self):
        daemon = self.konekwad().start()
        session = daemon.create_session("Toko")
        sent = daemon.send(session, "6281234567890", "Halo")
        daemon.program.stop()
        program = InOwnMounts(daemon.data, daemon.arguments, self.directory / "read-only.log", MOUNT_READ_ONLY)
        self.assertNotEqual(program.wait(), 0)
        self.assertIn("read-only", program.log.read_text().lower().replace("readonly", "read-only"))
        daemon.start()
        self.assertEqual([message["id"] for message in daemon.messages(session)], [sent])


if __name__ == "__main__":
    unittest.main()
