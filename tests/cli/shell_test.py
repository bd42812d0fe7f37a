"""konekwa in a shell: completion with what a live daemon knows, and secrets that nobody else sees."""

import http.server
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from transcript_test import BINARIES, ROOT, Daemon

BUDGET_S = 0.3
SLACK_S = 1.5          # for the start of a shell on a busy machine
WAIT_S = 20


def environment(folder, url):
    return {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8", "KONEKWA_URL": url}


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-complete-"))
        cls.daemon = Daemon(cls.folder)
        cls.daemon.wait_until_it_listens()
        cls.url = f"unix://{cls.daemon.socket}"
        for words in (["sessions", "create", "--name", "Toko Maju", "--id", "toko"],
                      ["sessions", "create", "--name", "CS", "--id", "cs"],
                      ["templates", "create", "--name", "tagihan", "--content", "Halo {{nama}}"]):
            subprocess.run(["konekwa", *words], env=environment(cls.folder, cls.url), check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def complete(self, shell, script, url=None):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
        done = subprocess.run([shell, *options, "-c", script], capture_output=True, text=True, timeout=WAIT_S,
                              check=False, env=environment(self.folder, url or self.url), cwd=ROOT)
        self.assertEqual(done.stderr, "")
        return done.stdout.split("\n")[:-1]

    def test_bash(self):
        script = ("source completions/konekwa.bash;"
                  'try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _konekwa; echo "${COMPREPLY[@]}"; };'
                  "try konekwa send --session t; try konekwa qr ''; try konekwa send --template ta")
        session, sessions, template = self.complete("bash", script)
        self.assertEqual(session, "toko")
        self.assertCountEqual(sessions.split(), ["toko", "cs"])
        self.assertEqual(template, "tagihan")

    def test_zsh(self):
        script = ('_describe() { print -l -- "${(@P)2}" }; _files() { print files };'
                  'try() { words=("$@"); CURRENT=$#; source completions/_konekwa };'
                  'try konekwa send --session t; try konekwa send --csv ""')
        self.assertEqual(self.complete("zsh", script), ["toko:Toko Maju", "files"])

    def test_fish(self):
        script = ('source completions/konekwa.fish; complete -C "konekwa sessions show t";'
                  'complete -C "konekwa send --template ta"')
        session, template = self.complete("fish", script)
        self.assertEqual(session, "toko\tToko Maju")
        self.assertTrue(template.startswith("tagihan\ttpl_"), template)

    def test_no_daemon_offers_nothing_and_says_nothing(self):
        for shell, script in (
                ("bash", 'source completions/konekwa.bash; COMP_WORDS=(konekwa qr t); COMP_CWORD=2; _konekwa;'
                         'echo "${#COMPREPLY[@]}"'),
                ("fish", 'source completions/konekwa.fish; complete -C "konekwa qr t"; echo 0')):
            with self.subTest(shell=shell):
                self.assertEqual(self.complete(shell, script, "unix:///nonexistent/konekwad.sock"), ["0"])

    def test_a_daemon_that_hangs_costs_no_more_than_the_budget(self):
        path = self.folder / "silent"
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(path))
            silent.listen()
            begin = time.monotonic()
            done = subprocess.run(["konekwa", "__complete", "--", "qr", ""], capture_output=True, timeout=WAIT_S,
                                  check=False, env=environment(self.folder, f"unix://{path}"))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        self.assertLess(time.monotonic() - begin, BUDGET_S + SLACK_S)


class Silent(http.server.BaseHTTPRequestHandler):
    """Answers only when the test has seen what it wants to see."""

    arrived, may_answer = threading.Event(), threading.Event()
    key = None

    def do_PATCH(self):  # the name is the library's, as the next one
        self.do_GET()

    def do_GET(self):
        Silent.key = self.headers["X-API-Key"]
        self.arrived.set()
        self.may_answer.wait(WAIT_S)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Secrets(unittest.TestCase):
    def test_a_secret_given_as_an_option_leaves_the_list_of_processes(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        for words in (["list", "--api-key", "kwt_secret"], ["list", "--api-key=kwt_secret"],
                      ["set", "toko", "--proxy", "http://u:secret@127.0.0.1:1"],
                      ["webhooks", "toko", "--header=Authorization: secret"]):
            with self.subTest(words=words), tempfile.TemporaryDirectory() as folder:
                Silent.arrived.clear()
                Silent.may_answer.clear()
                with subprocess.Popen(["konekwa", "sessions", *words], env=environment(folder, url),
                                      stdout=subprocess.DEVNULL) as process:
                    self.assertTrue(Silent.arrived.wait(WAIT_S))
                    line = pathlib.Path(f"/proc/{process.pid}/cmdline").read_text()
                    Silent.may_answer.set()
                    self.assertEqual(process.wait(WAIT_S), 0)
                self.assertEqual(Silent.key, "kwt_secret" if "list" in words else None)
                self.assertNotIn("secret", line)
                self.assertIn("sessions", line)


if __name__ == "__main__":
    unittest.main()
