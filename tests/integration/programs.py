"""Real processes for the tests: konekwa-sandbox, konekwad and konekwa in a temporary directory, with limits on every
wait. A test never sleeps for a fixed time: it waits for what it names."""

import collections
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("KONEKWA_BIN_DIR", ROOT / "build/dev/bin"))
WAIT_S = float(os.environ.get("KONEKWA_WAIT_S", "20"))


def until(what, check, timeout_s=WAIT_S, every_s=0.01):
    """The first truthy value of check()."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {timeout_s} s waiting until {what}")
        time.sleep(every_s)


class ReservedPort:
    """A port that is kept for one program, also while that is down: bound here, so that the kernel gives it to nobody
    else, and never listening, so that the program can."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.number = self.socket.getsockname()[1]

    def stop(self):
        self.socket.close()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class HttpFailure(Exception):
    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body}")
        self.status, self.body = status, body


def exchange(connection, method, path, body=None, headers=None):
    """(status, JSON or text). Text bodies go as they are, anything else as JSON."""
    headers = dict(headers or {})
    if body is not None:
        headers.setdefault("content-type", "text/plain" if isinstance(body, str) else "application/json")
        body = body if isinstance(body, str) else json.dumps(body)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        is_json = "json" in answer.headers.get("content-type", "")
        return answer.status, json.loads(text) if is_json and text else text
    finally:
        connection.close()


def demand(connection, method, path, body=None, headers=None):
    status, answer = exchange(connection, method, path, body, headers)
    if not 200 <= status < 300:
        raise HttpFailure(f"{method} {path}", status, answer)
    return answer


class Program:
    """A process whose stderr is appended to a log file."""

    def __init__(self, name, arguments, log):
        self.name = name
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as stderr:
            command = [BINARIES / name, *map(str, arguments)]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)

    def is_running(self):
        return self.process.poll() is None

    def must_run(self):
        if not self.is_running():
            tail = "\n".join(self.log.read_text(errors="replace").split("\n")[-15:])
            raise AssertionError(f"{self.name} ended with {self.process.returncode}\n{tail}")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout_s=WAIT_S):
        """The exit status, once it has ended."""
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {timeout_s} s") from None
        self.process.stdout.close()
        return status

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()

    def ready_line(self):
        line = self.process.stdout.readline().decode()
        if not line.startswith("{"):
            self.wait()
            self.must_run()
            raise AssertionError(f"{self.name} printed {line!r} instead of its ready line")
        return json.loads(line)


class Sandbox:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.program = None

    def start(self):
        arguments = ["--listen", "127.0.0.1:0", "--state-dir", self.directory / "sandbox"]
        self.program = Program("konekwa-sandbox", arguments, self.directory / "sandbox.log")
        ready = self.program.ready_line()
        self.url, self.root_key, self.admin_url = ready["url"], ready["root_key"], ready["admin"]
        return self

    def admin(self, method, target, body=None):
        host, _, base = self.admin_url.split("//", 1)[1].partition("/")
        path = f"/{base.rstrip('/')}/{target}"
        return demand(http.client.HTTPConnection(host, timeout=WAIT_S), method, path, body)

    def create_account(self, push_name):
        return self.admin("POST", "accounts", {"push_name": push_name})["phone_number"]

    def scan(self, qr_text, phone_number=None):
        query = f"?phone={phone_number}" if phone_number else ""
        return self.admin("POST", f"mock-phone/scan-qr{query}", qr_text)["phone_number"]

    def say(self, sender, recipient, text):
        return self.admin("POST", f"accounts/{sender}/say", {"to": recipient, "text": text})

    def inbox(self, number):
        answer = self.admin("GET", f"accounts/{number}/inbox")
        return answer["messages"] if isinstance(answer, dict) else answer

    def violations(self):
        answer = self.admin("GET", "violations")
        return answer["violations"] if isinstance(answer, dict) else answer


class Konekwad:
    """The daemon. A restart keeps the port, the data directory and the token. Its network is `sandbox`, the one inside
    ("inside"), or none: then it dials a port where nobody listens, never WhatsApp. Without rate limits a test may ask
    faster than a client should."""

    def __init__(self, directory, *, sandbox=None, rate_limits=True):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.socket = str(self.directory / "s")
        self.reserved = ReservedPort()
        self.port = self.reserved.number
        self.arguments = ["--data-dir", self.data, "--socket", self.socket, "--listen", f"127.0.0.1:{self.port}",
                          "--allow-url-hosts", "127.0.0.1"]
        if not rate_limits:
            self.arguments += ["--rate-limit", "0", "--public-rate-limit", "0"]
        if sandbox == "inside":
            self.arguments += ["--sandbox"]
        else:
            url, root_key = (sandbox.url, sandbox.root_key) if sandbox else ("ws://127.0.0.1:9/ws/chat", "11" * 32)
            self.arguments += ["--whatsapp-url", url, "--whatsapp-root-key", root_key]
        self.program = None
        self.token = None

    def spawn(self):
        self.program = Program("konekwad", self.arguments, self.directory / "konekwad.log")
        return self.program

    def start(self):
        self.spawn()
        until("konekwad serves", self.serves)
        if not self.token:
            self.token = self.cli("tokens", "create", "--name", "tests")["token"]
        return self

    def crash(self):
        self.program.kill()
        self.start()

    def serves(self):
        self.program.must_run()
        try:
            return exchange(self.tcp(), "GET", "/health")[0] == 200
        except OSError:
            return False

    def tcp(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)

    def api(self, method, path, body=None, headers=None):
        return demand(self.tcp(), method, path, body, {"x-api-key": self.token, **(headers or {})})

    def over_socket(self, method, path, body=None):
        return demand(UnixConnection(self.socket, WAIT_S), method, path, body)

    def cli(self, *arguments):
        """What `konekwa ... --json` prints."""
        done = self.cli_process(*arguments, "--json")
        if done.returncode != 0:
            raise AssertionError(f"konekwa {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def cli_process(self, *arguments):
        command = [BINARIES / "konekwa", *arguments, "--url", f"unix://{self.socket}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def create_session(self, name, webhook_url=None):
        body = {"name": name}
        if webhook_url:
            body["webhooks"] = {"message": webhook_url, "status": webhook_url}
        return self.api("POST", "/v1/sessions", body)["id"]

    def link(self, session, sandbox, phone_number=None):
        """The phone scans the session's code; the number it belongs to."""
        qr_text = until("there is a code", lambda: demand(self.tcp(), "GET", f"/api/v1/qr/{session}").get("qr"))
        number = sandbox.scan(qr_text, phone_number)
        self.wait_connected(session)
        return number

    def wait_connected(self, session):
        until("the session is CONNECTED", lambda: self.api("GET", f"/v1/sessions/{session}")["status"] == "CONNECTED",
              timeout_s=2 * WAIT_S)

    def send(self, session, recipient, text, key=None):
        body = {"session_id": session, "recipient": recipient, "message_type": "text", "content": text}
        return self.api("POST", "/v1/messages", body, {"idempotency-key": key} if key else None)["message_id"]

    def messages(self, session):
        """Oldest first."""
        found, query = [], f"session_id={session}&page_size=100"
        token = ""
        while True:
            page = self.api("GET", f"/v1/messages?{query}{token}")
            found += page["messages"]
            if "next_page_token" not in page:
                return found[::-1]
            token = f"&page_token={page['next_page_token']}"


class WebhookReceiver:
    """Answers with `status`, and keeps each event that it took (200) once by its id, and how often it came."""

    def __init__(self):
        events, seen, lock = [], collections.Counter(), threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status = receiver.status
                with lock:
                    if status == 200:
                        seen[body["id"]] += 1
                        if seen[body["id"]] == 1:
                            events.append(body)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.status = 200
        self.events, self.times = events, seen
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, event_type):
        return [event["data"] for event in list(self.events) if event["event_type"] == event_type]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class ProcessTest(unittest.TestCase):
    """Ends what it started, and keeps the directory of a failed test."""

    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-test-"))
        self.owned = []
        self.addCleanup(self.clean_up)

    def clean_up(self):
        for owner in reversed(self.owned):
            program = getattr(owner, "program", None)
            if program and program.is_running():
                program.kill()
            if isinstance(owner, (ReservedPort, WebhookReceiver)):
                owner.stop()
            if isinstance(owner, Konekwad):
                owner.reserved.stop()
        outcome = self._outcome.result
        failed = [case for case, _ in [*outcome.failures, *outcome.errors] if case is self]
        if failed:
            print(f"the logs of {self.id()} are in {self.directory}", flush=True)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    def own(self, owner):
        self.owned.append(owner)
        return owner

    def sandbox(self):
        return self.own(Sandbox(self.directory)).start()

    def konekwad(self, **options):
        return self.own(Konekwad(self.directory, **options))

    def dead_port(self):
        """Where nobody listens while the test runs."""
        return self.own(ReservedPort()).number

    def receiver(self):
        return self.own(WebhookReceiver())
