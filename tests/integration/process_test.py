"""konekwad as a process: one a data directory, private files, clean ends."""

import os
import signal
import stat

from programs import ProcessTest, until


def mode_of(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


class OneDaemonADirectory(ProcessTest):
    def test_a_second_daemon_on_the_same_data_refuses_and_the_first_goes_on(self):
        first = self.konekwad().start()
        second = self.konekwad()
        second.socket = str(self.directory / "s2")
        second.arguments[second.arguments.index("--socket") + 1] = second.socket
        program = second.spawn()
        self.assertNotEqual(program.wait(), 0)
        self.assertIn(str(first.data), program.log.read_text())
        self.assertTrue(first.serves())

    def test_a_crashed_daemon_leaves_nothing_that_stops_the_next(self):
        daemon = self.konekwad().start()
        daemon.crash()
        self.assertEqual(daemon.over_socket("GET", "/health")["status"], "ok")


class PrivateFiles(ProcessTest):
    def test_data_is_for_the_owner_only_whatever_the_umask(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        daemon = self.konekwad().start()
        daemon.create_session("Toko")
        self.assertEqual(oct(mode_of(daemon.data)), oct(0o700))
        for folder, _, names in os.walk(daemon.data):
            for name in names:
                path = os.path.join(folder, name)
                self.assertEqual(oct(mode_of(path) & 0o077), oct(0), path)
        self.assertEqual(oct(mode_of(daemon.socket)), oct(0o660))

    def test_a_data_directory_that_cannot_be_is_an_error_with_its_name(self):
        daemon = self.konekwad()
        daemon.data.write_text("a file")
        program = daemon.spawn()
        self.assertNotEqual(program.wait(), 0)
        self.assertIn(str(daemon.data), program.log.read_text())


class Ends(ProcessTest):
    def test_signals_end_it_in_order(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number.name):
                daemon = self.konekwad().start()
                daemon.program.signal(number)
                self.assertEqual(daemon.program.wait(), 0)
                self.assertFalse(os.path.exists(daemon.socket))

    def test_it_ends_while_a_session_waits_for_its_network(self):
        daemon = self.konekwad().start()
        session = daemon.create_session("Toko")
        until("the session is there", lambda: daemon.api("GET", f"/v1/sessions/{session}")["id"] == session)
        self.assertEqual(daemon.program.stop(), 0)
