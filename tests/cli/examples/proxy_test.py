"""examples/nginx.conf and examples/Caddyfile before konekwad: answers, files, events and QR codes come through. On
loopback, where nginx and Caddy are installed; tests/install has them as services."""

import json
import os
import re
import shutil
import socket
import subprocess

from examples.gateway import CUSTOMER, EXAMPLES, GatewayTest, stop_group, until

NAME = "wa.example.com"   # as in the examples
SCOPES = ("messages:send", "messages:read", "sessions:read", "metrics:read")
SEARCHED = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
NGINX = """daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {folder}/konekwa.conf;
}}
"""
CADDY = """{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	storage file_system {folder}/storage
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def replaced(text, *pairs):
    """All of the pairs, each of which has to be there."""
    for old, new in pairs:
        if old not in text:
            raise AssertionError(f"the example has no {old}")
        text = text.replace(old, new)
    return text


class Proxy(GatewayTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.upstream = until("konekwad is ready", lambda: re.search(r"ready, http://(127\.0\.0\.1:\d+)",
                                                                    cls.daemon.tail())).group(1)
        scopes = [f"--scope={scope}" for scope in SCOPES]
        cls.key = json.loads(cls.konekwa("tokens", "create", "--name", "proxy", *scopes, "--json"))["token"]

    def need(self, program):
        found = shutil.which(program, path=SEARCHED)
        if not found:
            self.skipTest(f"{program} is not installed")
        return found

    def start(self, *command):
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                                       start_new_session=True, env={**os.environ, "HOME": str(self.folder)})
        self.addCleanup(stop_group, process)

        def answers():
            if process.poll() is not None:
                raise AssertionError((self.folder / "log").read_text())
            return '"status":"ok"' in self.get("/health")
        until("the proxy answers", answers)

    def curl(self, path):
        return ["curl", "-sS", "--insecure", "--max-time", "50", "--resolve", f"{NAME}:{self.port}:127.0.0.1",
                "--header", f"X-API-Key: {self.key}", f"https://{NAME}:{self.port}{path}"]

    def get(self, path, *more):
        return subprocess.run([*self.curl(path), *more], capture_output=True, text=True, errors="replace",
                              check=False).stdout

    def status_of(self, path, *more):
        return self.get(path, "--output", str(self.folder / "answer"), "--write-out", "%{http_code}", *more)

    def follow(self, path):
        """The file that a stream goes to, as it comes."""
        out = self.folder / "stream"
        with open(out, "wb") as file:
            process = subprocess.Popen([*self.curl(path), "--no-buffer"], stdout=file, start_new_session=True)
        self.addCleanup(stop_group, process)
        until("the stream is open", out.read_text)
        return out

    def check_all(self):
        sent = self.get("/v1/messages", "--json", json.dumps({"session_id": "toko", "recipient": CUSTOMER,
                                                              "message_type": "text", "content": "Halo"}))
        self.assertIn('"status":"QUEUED"', sent)
        self.check_files()
        self.check_events()
        self.check_codes()
        self.assertIn("konekwa_messages_waiting", self.get("/metrics"))

    def check_files(self):
        large = self.folder / "large"
        large.write_bytes(bytes(3 << 20))
        body = ("--data-binary", f"@{large}", "--header")
        self.assertIn('"size":3145728', self.get("/v1/media", *body, "Content-Type: image/png"))
        self.assertEqual(self.status_of("/v1/messages", *body, "Content-Type: application/json"), "413")

    def check_events(self):
        stream = self.follow("/v1/events?types=message.received")
        self.say("Masih ada?")
        until("the event comes at once", lambda: '"content":"Masih ada?"' in stream.read_text())

    def check_codes(self):
        url = json.loads(self.konekwa("sessions", "create", "--name", "Baru", "--json"))["qr_url"]
        until("there is a code", lambda: self.status_of(url) == "200")
        self.assertEqual((self.folder / "answer").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        stream = self.follow(url.replace("/image", "/stream"))
        until("the code comes at once", lambda: "event: qr" in stream.read_text())

    def test_nginx(self):
        nginx = self.need("nginx")
        self.port = free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-keyout",
                        self.folder / "key", "-out", self.folder / "cert"], check=True, capture_output=True)
        (self.folder / "konekwa.conf").write_text(replaced(
            (EXAMPLES / "nginx.conf").read_text(), ("listen 443 ", f"listen 127.0.0.1:{self.port} "),
            ("  listen [::]:443 ssl http2;\n", ""), ("127.0.0.1:8080", self.upstream),
            (f"/etc/ssl/certs/{NAME}.pem", f"{self.folder}/cert"),
            (f"/etc/ssl/private/{NAME}.key", f"{self.folder}/key")))
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder))
        words = [nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        tried = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
        self.assertEqual((tried.returncode, "warn" in tried.stderr), (0, False), tried.stderr)
        self.start(*words)
        self.check_all()

    def test_caddy(self):
        caddy = self.need("caddy")
        self.port = free_port()
        config = self.folder / "Caddyfile"
        config.write_text(CADDY.format(folder=self.folder) + replaced(
            (EXAMPLES / "Caddyfile").read_text(), (f"{NAME} {{\n", f"{NAME}:{self.port} {{\n\tbind 127.0.0.1\n"
                                                   "\ttls internal\n"), ("127.0.0.1:8080", self.upstream)))
        self.start(caddy, "run", "--config", str(config), "--adapter", "caddyfile")
        self.check_all()
