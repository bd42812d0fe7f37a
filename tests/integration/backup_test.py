"""Backups: a second daemon goes on from one, and the same device does not run twice unless somebody says so."""

import pathlib
import subprocess

from programs import BINARIES, Konekwad, ProcessTest, UnixConnection, until


class Backup(ProcessTest):
    def setUp(self):
        super().setUp()
        self.net = self.sandbox()
        self.old = self.konekwad(sandbox=self.net).start()
        self.session = self.old.create_session("Toko")
        self.number = self.old.link(self.session, self.net)
        self.customer = self.net.create_account("Pembeli")

    def status(self, daemon):
        shown = daemon.api("GET", f"/v1/sessions/{self.session}")
        return shown["status"], shown.get("status_reason")

    def inbox(self):
        return [message["text"] for message in self.net.inbox(self.customer)]

    def talk(self, daemon, text):
        """Both ways."""
        daemon.send(self.session, self.customer, text)
        until(f"the customer has {text}", lambda: text in self.inbox())
        self.net.say(self.customer, self.number, f"jawaban {text}")
        until(f"{text} is answered", lambda: f"jawaban {text}" in self.received(daemon))

    def received(self, daemon):
        return [message.get("content") for message in daemon.api("GET", "/v1/messages?direction=received")["messages"]]

    def restored(self, backup, *arguments):
        """A daemon on a data directory out of the backup, which is not started yet."""
        folder = self.directory / "new"
        folder.mkdir()
        daemon = self.own(Konekwad(folder, sandbox=self.net))
        daemon.token = self.old.token
        subprocess.run([BINARIES / "konekwad", "--restore", backup, "--data-dir", daemon.data, *arguments], check=True,
                       timeout=60, capture_output=True)
        return daemon

    def backup(self):
        path = pathlib.Path(self.directory) / "konekwa.tar"
        done = self.old.cli_process("backup", str(path))
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def test_the_next_backup_may_be_asked_for_as_soon_as_one_is_there(self):
        for number in range(30):
            connection = UnixConnection(self.old.socket, 60)
            self.addCleanup(connection.close)
            connection.request("GET", "/v1/backup")
            answer = connection.getresponse()
            answer.read(int(answer.headers["content-length"]))
            self.assertEqual(answer.status, 200, number)

    def test_a_restored_session_waits_for_a_word_and_then_talks_on(self):
        self.talk(self.old, "satu")
        backup = self.backup()
        self.talk(self.old, "dua")   # of this the backup knows nothing: its ratchets would be old
        self.old.program.kill()

        new = self.restored(backup).start()
        self.assertEqual(self.status(new), ("DISCONNECTED", "RESTORED"))
        self.assertEqual(self.received(new), ["jawaban satu"])
        self.net.say(self.customer, self.number, "masih ada?")
        new.api("POST", f"/v1/sessions/{self.session}/connect")
        new.wait_connected(self.session)
        until("what waited has come", lambda: "masih ada?" in self.received(new))
        self.talk(new, "tiga")
        new.crash()
        new.wait_connected(self.session)
        self.talk(new, "empat")
        self.assertEqual([text for text in self.inbox() if text in ("satu", "dua", "tiga", "empat")],
                         ["satu", "dua", "tiga", "empat"])
        self.assertEqual(self.net.violations(), [])

    def test_when_the_original_is_gone_it_connects_by_itself_and_sends_what_waited(self):
        self.old.api("POST", f"/v1/sessions/{self.session}/disconnect")
        self.old.send(self.session, self.customer, "menunggu")
        # Disconnected by the user it stays so; the copy is of a session that was to be online.
        self.old.program.stop()
        self.old.start()
        self.old.api("POST", f"/v1/sessions/{self.session}/connect")
        self.old.wait_connected(self.session)
        until("it has gone out", lambda: "menunggu" in self.inbox())
        backup = self.backup()
        self.old.program.kill()
        new = self.restored(backup, "--original-is-gone").start()
        new.wait_connected(self.session)
        self.talk(new, "halo")
        self.assertEqual(self.inbox().count("menunggu"), 1)

    def test_the_original_gives_way_to_a_copy_that_was_told_to_connect(self):
        new = self.restored(self.backup()).start()
        self.talk(self.old, "masih yang lama")   # which the copy does not disturb
        new.api("POST", f"/v1/sessions/{self.session}/connect")
        new.wait_connected(self.session)
        until("the original has stopped", lambda: self.status(self.old) == ("DISCONNECTED", "STREAM_REPLACED"))
        self.talk(new, "yang baru")
        self.assertEqual(self.status(self.old), ("DISCONNECTED", "STREAM_REPLACED"))
