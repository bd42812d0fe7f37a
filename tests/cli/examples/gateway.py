"""konekwad with its sandbox and a linked session, for programs of examples/ to talk to."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from transcript_test import BINARIES, ROOT, Daemon

EXAMPLES = ROOT / "examples"
OWN = "6281111111111"        # the number of the shop
CUSTOMER = "6289876543210"
NOBODY = "6280000000001"     # not on WhatsApp
LIMIT_S = 60
PAUSE_S = 0.05


def until(what, condition, limit_s=LIMIT_S):
    """The first answer of the condition that counts as true."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(PAUSE_S)
    raise AssertionError(f"gave up waiting until {what}")


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)


class GatewayTest(unittest.TestCase):
    """A gateway for the tests of a class; each has a folder of its own, and one that comes first on the PATH."""

    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-examples-"))
        cls.daemon = Daemon(cls.home)
        cls.addClassCleanup(cls.tear_down_gateway)
        cls.daemon.wait_until_it_listens()
        cls.url = f"unix://{cls.daemon.socket}"
        cls.konekwa("sessions", "create", "--name", "Toko Maju", "--id", "toko")
        cls.konekwa("sandbox", "scan", "--session", "toko", "--phone", OWN)
        cls.make_phone(CUSTOMER)
        until("the session is connected", cls.is_connected)

    @classmethod
    def tear_down_gateway(cls):
        cls.daemon.stop()
        shutil.rmtree(cls.home, ignore_errors=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        self.path = self.folder / "path"
        self.path.mkdir()

    @classmethod
    def start_gateway(cls):
        """Again, after daemon.stop()."""
        cls.daemon = Daemon(cls.home)
        cls.daemon.wait_until_it_listens()

    @classmethod
    def is_connected(cls):
        return "CONNECTED" in cls.konekwa("sessions", "status", "toko").split()

    @classmethod
    def environment(cls):
        return {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(cls.home), "LC_ALL": "C.UTF-8",
                "KONEKWA_URL": cls.url, "KONEKWA_SESSION": "toko"}

    @classmethod
    def konekwa(cls, *words, **options):
        done = subprocess.run([BINARIES / "konekwa", *words], env=cls.environment(), capture_output=True, text=True,
                              timeout=LIMIT_S, check=False, **options)
        if done.returncode != 0:
            raise AssertionError(f"konekwa {words}: {done.stderr}\n{cls.daemon.tail()}")
        return done.stdout

    @classmethod
    def make_phone(cls, number):
        cls.konekwa("sandbox", "phone", "--number", number)

    def own_environment(self, **more):
        environment = self.environment()
        environment["PATH"] = f"{self.path}:{environment['PATH']}"
        return {**environment, **more}

    def run_example(self, name, *words, **more):
        return subprocess.run([EXAMPLES / name, *words], env=self.own_environment(**more), capture_output=True,
                              text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL, cwd=self.folder)

    def start_example(self, name, *words, **more):
        """In the background; its end is that of the test at the latest."""
        log = open(self.folder / f"{name}.log", "a", encoding="utf-8")
        process = subprocess.Popen([EXAMPLES / name, *words], env=self.own_environment(**more), stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, start_new_session=True)
        log.close()
        self.addCleanup(stop_group, process)
        return process

    def texts(self, number=CUSTOMER):
        """What the phone of this number has got."""
        inbox = json.loads(self.konekwa("sandbox", "inbox", number, "--json"))
        return [message.get("text", "") for message in inbox["messages"]]

    def wait_for_texts(self, number, count):
        return until(f"{number} has {count} messages", lambda: (texts := self.texts(number)) and len(texts) >= count
                     and texts)

    def say(self, text, number=CUSTOMER):
        self.konekwa("sandbox", "say", "--from", number, "--to", OWN, "--text", text)


def stop_group(process):
    """Of a program that may be killed already, and of what it has left."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        pass
    process.wait(LIMIT_S)
