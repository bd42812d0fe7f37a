"""Every route of openapi.yaml has a command. A stand-in for konekwad writes down what it is asked while each command
runs the example of its own help, and the lines below."""

import http.server
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import threading
import unittest

from surface_test import BINARIES, ROOT, commands, help_of

LIMIT_S = 20
# What the examples leave out, because it is an option of the same command.
MORE = [
    "webhooks secret ses_01 --rotate",
    "webhooks replay --all",
    "sessions delete --all --yes",
    "sessions set ses_01 --proxy socks5://proxy.example.com",
    "qr ses_01 --png -",
    "health --ready",
    "health --metrics",
    "api /api/v1/status",
    "api /api/v1/qr/ses_01/stream",
]
# Other words for a route that has a command.
ALIASES = {
    "POST /v1/sessions/{id}/reconnect": "POST /v1/sessions/{id}/connect",
    "GET /api/v1/status/{id}": "GET /api/v1/sessions/{id}/status",
    "GET /api/v1/qr/{id}/status": "GET /api/v1/sessions/{id}/status",
}
# Good for every question, each in its own way; and what makes the commands come to an end.
ANSWER = (b'{"id":"x","session_id":"x","message_id":"msg_1","status":"READ","qr":"https://wa.me/x","admin":"%s",'
          b'"media_url":"konekwa://media/med_1","messages":[{"id":"msg_1"}]}')
EVENT = b'id: 1\nevent: message.received\ndata: {"id":"evt_1","event_type":"message.received"}\n\n'


def operations():
    """'GET /v1/messages/{id}', ..., without the webhooks, which konekwad asks of others."""
    path = None
    for line in (ROOT / "openapi.yaml").read_text().splitlines():
        if line.startswith("webhooks:"):
            return
        if re.match(r"  /\S+:$", line):
            path = line.strip().rstrip(":")
        if path and re.match(r"    (get|post|put|patch|delete):$", line):
            yield f"{line.strip().rstrip(':').upper()} {path}"


class StandIn(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = []

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        self.asked.append(f"{self.command} {path}")
        is_stream = path.startswith("/v1/events") or path.endswith("/stream")
        here = f"http://127.0.0.1:{self.server.server_address[1]}/admin".encode()
        body = EVENT if is_stream else ANSWER % here
        if path.startswith("/api/v1/qr/") and not path.endswith("/image"):
            body = body.replace(b"READ", b"WAITING_QR")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if is_stream else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


class Routes(unittest.TestCase):
    def setUp(self):
        StandIn.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def run_line(self, line, folder):
        environment = {**os.environ, "KONEKWA_URL": f"http://127.0.0.1:{self.server.server_address[1]}",
                       "XDG_CONFIG_HOME": folder, "LC_ALL": "C.UTF-8", "KONEKWA_SESSION": "ses_01"}
        words = shlex.split(line)
        if words[0] in ("events", "listen"):
            words += ["--count", "1"]
        if words[0] == "pair":
            words += ["--timeout", "100ms"]
        subprocess.run([BINARIES / "konekwa", *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=LIMIT_S, check=False)

    def test_every_route_has_a_command(self):
        examples = [help_of("konekwa", *words).splitlines()[-1].strip().removeprefix("konekwa ")
                    for words in commands() if words[0] not in ("config", "doctor")]
        with tempfile.TemporaryDirectory() as folder:
            for name in ("struk.jpg", "tagihan.csv"):
                (pathlib.Path(folder) / name).write_text("to\n628\n")
            for line in [*examples, *MORE]:
                self.run_line(line, folder)
        patterns = {operation: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation)))
                    for operation in operations()}
        reached = {operation for operation, pattern in patterns.items()
                   if any(pattern.fullmatch(asked) for asked in StandIn.asked)}
        self.assertGreater(len(patterns), 50)
        self.assertEqual({ALIASES[alias] for alias in ALIASES} - reached, set())
        self.assertEqual(set(patterns) - reached - set(ALIASES), set())


if __name__ == "__main__":
    unittest.main()
