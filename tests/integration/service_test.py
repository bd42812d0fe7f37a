"""konekwad under a service manager that the test plays: readiness, watchdog, status, stop, sockets that outlive it,
credentials, and what it says to the journal."""

import http.client
import os
import pathlib
import signal
import socket
import subprocess

from programs import BINARIES, WAIT_S, ProcessTest, Program, UnixConnection, demand, until

WATCHDOG_US = 300_000


class Manager:
    """The socket that a service tells its state to."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(WAIT_S)
        self.heard = []

    def wait_for(self, line):
        """Reads on until a message holds this line; everything that was heard stays in `heard`."""
        while True:
            lines = self.socket.recv(4096).decode().splitlines()
            self.heard += lines
            if line in lines:
                return

    def forget_what_waits(self):
        self.socket.setblocking(False)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            self.socket.settimeout(WAIT_S)

    def stop(self):
        self.socket.close()


class Service(Program):
    """konekwad as systemd starts it: descriptors from 3 on are `sockets`, LISTEN_PID is its own."""

    def __init__(self, arguments, log, environment, sockets=()):
        self.name, self.log = "konekwad", log
        numbers = " ".join(str(s.fileno()) for s in sockets)
        # The shell moves them to 3, 4 and so on, by way of numbers that none of them has.
        moves = "".join(f"exec {20 + i}<&{n}; " for i, n in enumerate(numbers.split()))
        moves += "".join(f"exec {3 + i}<&{20 + i} {20 + i}<&-; " for i in range(len(sockets)))
        announce = "export LISTEN_PID=$$; " if sockets else ""
        script = f'{moves}{announce}exec "$@"'
        if sockets:
            environment = {**environment, "LISTEN_FDS": str(len(sockets))}
        with open(log, "ab") as stderr:
            self.process = subprocess.Popen(
                ["bash", "-c", script, "bash", BINARIES / "konekwad", *map(str, arguments)], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=stderr, env={**os.environ, **environment},
                pass_fds=[s.fileno() for s in sockets])


class UnderAManager(ProcessTest):
    def setUp(self):
        super().setUp()
        self.manager = Manager(self.directory / "notify")
        self.addCleanup(self.manager.stop)
        self.daemon = self.konekwad()

    def spawn(self, sockets=(), **environment):
        self.daemon.program = Service(self.daemon.arguments, self.directory / "konekwad.log",
                                      {"NOTIFY_SOCKET": self.manager.path, **environment}, sockets)
        return self.daemon.program

    def start(self, sockets=(), **environment):
        service = self.spawn(sockets, **environment)
        self.manager.wait_for("READY=1")
        return service


class Notifications(UnderAManager):
    def test_it_is_ready_when_it_answers_and_says_so_while_its_threads_work_and_when_it_stops(self):
        service = self.start(WATCHDOG_USEC=str(WATCHDOG_US))
        self.assertEqual(self.daemon.over_socket("GET", "/health")["status"], "ok")
        self.assertIn("STATUS=0 of 0 sessions connected, 0 messages waiting", self.manager.heard)
        for _ in range(3):
            self.manager.wait_for("WATCHDOG=1")
        self.daemon.over_socket("POST", "/v1/sessions", {"name": "Toko"})
        self.manager.wait_for("STATUS=0 of 1 sessions connected, 0 messages waiting")
        service.signal(signal.SIGTERM)
        self.manager.wait_for("STOPPING=1")
        self.assertEqual(service.wait(), 0)

    def test_a_process_that_hangs_is_not_alive(self):
        service = self.start(WATCHDOG_USEC=str(WATCHDOG_US))
        self.manager.wait_for("WATCHDOG=1")
        service.signal(signal.SIGSTOP)
        self.addCleanup(service.signal, signal.SIGCONT)
        state = pathlib.Path(f"/proc/{service.process.pid}/stat")
        until("it is stopped", lambda: state.read_text().rsplit(")", 1)[1].split()[0] == "T")
        self.manager.forget_what_waits()
        self.manager.socket.settimeout(3 * WATCHDOG_US / 1e6)
        with self.assertRaises(TimeoutError):
            self.manager.wait_for("WATCHDOG=1")
        self.manager.socket.settimeout(WAIT_S)
        service.signal(signal.SIGCONT)
        self.manager.wait_for("WATCHDOG=1")

    def test_the_start_may_take_longer_while_the_database_opens(self):
        self.start()
        self.assertTrue([line for line in self.manager.heard if line.startswith("EXTEND_TIMEOUT_USEC=")])

    def test_a_setting_that_cannot_be_used_ends_it_with_78(self):
        self.daemon.arguments += ["--log-level", "loud"]
        self.assertEqual(self.spawn().wait(), 78)


class Sockets(UnderAManager):
    def listening(self):
        """(Unix, TCP) as a service manager makes them."""
        local, tcp = socket.socket(socket.AF_UNIX), socket.socket()
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.path = str(self.directory / "adopted")
        local.bind(self.path)
        tcp.bind(("127.0.0.1", 0))
        for each in (local, tcp):
            each.listen(64)
            self.addCleanup(each.close)
        self.port = tcp.getsockname()[1]
        return local, tcp

    def connections(self):
        over_socket = UnixConnection(self.path, WAIT_S)
        over_tcp = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        return over_socket, over_tcp

    def test_it_serves_the_sockets_it_is_given_in_place_of_its_own(self):
        self.start(self.listening())
        for connection in self.connections():
            self.assertEqual(demand(connection, "GET", "/health")["status"], "ok")
        self.assertFalse(os.path.exists(self.daemon.socket))
        self.assertEqual(demand(self.connections()[0], "GET", "/v1/sessions")["sessions"], [])

    def test_who_connects_while_it_is_away_is_answered_when_it_is_back(self):
        sockets = self.listening()
        service = self.start(sockets)
        for end in ("stop", "kill"):
            getattr(service, end)()
            waiting = self.connections()
            for connection in waiting:
                connection.request("GET", "/health")
            service = self.start(sockets)
            for connection in waiting:
                self.assertEqual(connection.getresponse().status, 200)
                connection.close()

    def test_a_socket_that_is_none_ends_it_with_78(self):
        datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(datagram.close)
        service = self.spawn([datagram])
        self.assertEqual(service.wait(), 78)
        self.assertIn("descriptor 3", service.log.read_text())


class Credentials(UnderAManager):
    def test_a_setting_may_come_as_a_credential(self):
        folder = self.directory / "credentials"
        folder.mkdir()
        (folder / "konekwad_default-country").write_text("fourteen\n")
        service = self.spawn(CREDENTIALS_DIRECTORY=str(folder))
        self.assertEqual(service.wait(), 78)
        self.assertIn("--default-country", service.log.read_text())


class Journal(UnderAManager):
    def test_lines_for_the_journal_say_their_priority_and_no_time(self):
        log = self.directory / "konekwad.log"
        log.touch()
        info = os.stat(log)
        self.start(JOURNAL_STREAM=f"{info.st_dev}:{info.st_ino}")
        lines = log.read_text().splitlines()
        self.assertTrue([line for line in lines if line.startswith("<6>konekwad: ready")], lines)

    def test_a_journal_that_is_elsewhere_changes_nothing(self):
        self.start(JOURNAL_STREAM="1:1")
        lines = (self.directory / "konekwad.log").read_text().splitlines()
        self.assertTrue([line for line in lines if "info konekwad: ready" in line], lines)
