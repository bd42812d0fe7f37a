"""konekwa in a shell: completion with what a live daemon knows, and secrets that nobody else sees."""

import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from shell_prompt import LEFT, Prompt
from transcript_test import BINARIES, ROOT, Daemon

BUDGET_S = 0.3
SLACK_S = 1.5          # for the start of a shell on a busy machine
WAIT_S = 20


def environment(folder, url):
    return {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8", "KONEKWA_URL": url}


# A line that is begun, and what Tab makes of it. Where the shells quote in ways of their own, there is one for each.
EVERYWHERE = [
    ("konekwa messages list --status QU", "konekwa messages list --status QUEUED "),
    ("konekwa tokens create --scope messages:s", "konekwa tokens create --scope messages:send "),
    ("konekwa send --wait=de", "konekwa send --wait=delivered "),
    ("konekwa send --session=toko --wait de", "konekwa send --session=toko --wait delivered "),
    ("konekwa send --wait \"de", "konekwa send --wait \"delivered\" "),
    ("konekwa send '--wait=de", "konekwa send '--wait=delivered' "),
    ("konekwa 2>/dev/null sessions sh", "konekwa 2>/dev/null sessions show "),
    ("konekwa sessions show to", "konekwa sessions show toko "),
    ("konekwa --json sessions show to", "konekwa --json sessions show toko "),
    ("konekwa sessions show --json to", "konekwa sessions show --json toko "),
    ("konekwa --tenant ja", "konekwa --tenant jakarta "),
    ("konekwa --tenant=ja", "konekwa --tenant=jakarta "),
    ("konekwa --profile ka", "konekwa --profile kasir "),
    ("konekwa sessions show T", "konekwa sessions show Toko\\ Maju "),
    ("konekwa sessions show Toko\\ M", "konekwa sessions show Toko\\ Maju "),
    ("konekwa sessions show \"T", "konekwa sessions show \"Toko Maju\" "),
    ("konekwa sessions show 'T", "konekwa sessions show 'Toko Maju' "),
    ("konekwa send --session=T", "konekwa send --session=Toko\\ Maju "),
    ("konekwa sessions show H", "konekwa sessions show Harga:\\ \\$5\\ \\\"saja\\\" "),
    ("konekwa sessions show Harga:\\ ", "konekwa sessions show Harga:\\ \\$5\\ \\\"saja\\\" "),
    ("konekwa sessions show 'H", "konekwa sessions show 'Harga: $5 \"saja\"' "),
    ("konekwa sessions show I", "konekwa sessions show Ibu\\'s "),
    ("konekwa send --template salam:", "konekwa send --template salam:pagi "),
    ("konekwa send --csv ta", "konekwa send --csv tagihan\\ mei.csv "),
    ("konekwa send --csv=ta", "konekwa send --csv=tagihan\\ mei.csv "),
    ("konekwa messages media m -ota", "konekwa messages media m -otagihan\\ mei.csv "),
    ("konekwa sessions list > ta", "konekwa sessions list > tagihan\\ mei.csv "),
    ("konekwa send --text ta", "konekwa send --text ta"),             # no place for the name of a file
    ("konekwa qr ta", "konekwa qr ta"),
    ("konekwa --api-key kwt_wrong qr to", "konekwa --api-key kwt_wrong qr to"),
    ("konekwa --url unix:///nobody qr to", "konekwa --url unix:///nobody qr to"),
]
OF = {
    "bash": [
        ("konekwa sessions list --fields id,status_r", "konekwa sessions list --fields id,status_reason"),
        ("konekwa sessions show \"H", "konekwa sessions show \"Harga: \\$5 \\\"saja\\\"\" "),
        ("konekwa sessions show 'I", "konekwa sessions show 'Ibu'\\''s' "),
        ("konekwa sessions show tok --json" + 7 * LEFT, "konekwa sessions show toko --json"),
        ("konekwa sessions sh toko" + 5 * LEFT, "konekwa sessions show toko"),
    ],
    "zsh": [
        ("konekwa sessions list --fields id,status_r", "konekwa sessions list --fields id,status_reason"),
        ("konekwa sessions show \"H", "konekwa sessions show \"Harga: \\$5 \\\"saja\\\"\" "),
        ("konekwa sessions show 'I", "konekwa sessions show 'Ibu'\\''s' "),
        ("konekwa sessions show tok --json" + 7 * LEFT, "konekwa sessions show toko  --json"),
    ],
    "fish": [   # which puts a blank behind a list too
        ("konekwa sessions list --fields id,status_r", "konekwa sessions list --fields id,status_reason "),
        ("konekwa sessions show \"H", "konekwa sessions show \"Harga: \\$5 \\\"saja\\\"\" "),
        ("konekwa sessions show 'I", "konekwa sessions show 'Ibu\\'s' "),
        ("konekwa sessions show tok --json" + 7 * LEFT, "konekwa sessions show toko --json"),
    ],
}
SETUP = {
    "bash": f"source {ROOT}/completions/konekwa.bash",
    "zsh": f"fpath=({ROOT}/completions $fpath)",
    "fish": f"source {ROOT}/completions/konekwa.fish",
}
BASH_COMPLETION = pathlib.Path("/usr/share/bash-completion/bash_completion")


class Completion(unittest.TestCase):
    """What stands at the prompt of each shell after Tab."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-complete-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.daemon = Daemon(cls.folder)
        cls.addClassCleanup(cls.daemon.stop)
        cls.daemon.wait_until_it_listens()
        cls.url = f"unix://{cls.daemon.socket}"
        for words in (["sessions", "create", "--name", "Toko Maju", "--id", "toko"],
                      ["sessions", "create", "--name", 'Harga: $5 "saja"', "--id", "s1"],
                      ["sessions", "create", "--name", "Ibu's", "--id", "s2"],
                      ["tenants", "create", "jakarta"],
                      ["config", "set", "session", "toko", "--profile", "kasir"],
                      ["templates", "create", "--name", "salam:pagi", "--content", "Halo {{nama}}"]):
            subprocess.run(["konekwa", *words], env=environment(cls.folder, cls.url), check=True, capture_output=True)

    def type(self, shell, setup, lines):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "tagihan mei.csv").touch()
            prompt = Prompt(shell, setup, environment(self.folder, self.url), folder)
            try:
                for line, completed in lines:
                    with self.subTest(shell=shell, line=line):
                        self.assertEqual(prompt.line_after(line + "\t"), completed)
                        self.assertNotIn(b"error", prompt.output)
            finally:
                prompt.close()

    def test_bash(self):
        self.type("bash", SETUP["bash"], EVERYWHERE + OF["bash"])

    def test_bash_with_its_package_of_completions(self):
        if not BASH_COMPLETION.exists():
            self.skipTest("bash-completion is not installed")
        more = [("sudo konekwa sessions show to", "sudo konekwa sessions show toko ")]
        self.type("bash", f"source {BASH_COMPLETION}; {SETUP['bash']}", EVERYWHERE + OF["bash"] + more)

    def test_zsh(self):
        self.type("zsh", SETUP["zsh"], EVERYWHERE + OF["zsh"])

    def test_fish(self):
        self.type("fish", SETUP["fish"], EVERYWHERE + OF["fish"])

    def test_fish_shows_descriptions(self):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed")
        script = f'{SETUP["fish"]}; complete -C "konekwa sessions show t"; complete -C "konekwa send --wai"'
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, timeout=WAIT_S,
                              check=True, env=environment(self.folder, self.url))
        self.assertEqual((done.stdout, done.stderr),
                         ("toko\tToko Maju\n--wait\tReturn when it has come so far\n", ""))

    def test_fields_are_those_of_the_answers(self):
        for words in (["sessions", "list"], ["sessions", "show", "toko"], ["templates", "list"], ["tenants", "list"],
                      ["tokens", "me"], ["health"], ["config", "list"], ["config", "profiles"], ["config", "path"],
                      ["doctor"]):
            with self.subTest(command=words):
                answer = self.konekwa(*words, "--jsonl").stdout.splitlines()[0]
                offered = self.konekwa("__complete", "--", *words, "--fields", "").stdout.splitlines()
                self.assertLessEqual(set(json.loads(answer)), set(offered))

    def konekwa(self, *words):
        return subprocess.run(["konekwa", *words], env=environment(self.folder, self.url), capture_output=True,
                              text=True, timeout=WAIT_S, check=False)

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
