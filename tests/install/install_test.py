"""The life of the packages on one machine, in this order: installed, used, upgraded, rebooted, removed, purged. Each
test goes on where the one before stopped, so the first failure ends the run (-f)."""

import json
import os
import pathlib
import re
import subprocess
import threading
import unittest

from machine import Machine, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
NUMBER = "6281234567890"
SOCKET = "/run/konekwa/konekwad.sock"
EXPOSURE_MAX = 1.5
NEXT_VERSION = "999.0"
PROXIED = "wa.example.com"   # as in the examples
SANDBOX_UNIT = """[Service]
ExecStart=/usr/bin/konekwa-sandbox --listen 127.0.0.1:8090 --state-dir /var/lib/sandbox
StandardOutput=file:/run/sandbox.json
StateDirectory=sandbox
[Install]
WantedBy=multi-user.target
"""


class Clients:
    """Asks again and again while something happens, and counts who was refused."""

    def __init__(self, machine, *url):
        self.machine, self.url = machine, url
        self.answered, self.refused = 0, []
        self.is_done = False
        self.thread = threading.Thread(target=self.ask)

    def ask(self):
        while not self.is_done:
            answer = self.machine.run("curl", "-sS", "--max-time", "60", *self.url, check=False)
            if '"status":"ok"' in answer:
                self.answered += 1
            else:
                self.refused.append(answer)

    def __enter__(self):
        self.thread.start()
        until("the first client is answered", lambda: self.answered or self.refused)
        return self

    def __exit__(self, *_):
        before = self.answered
        until("a client is answered after it", lambda: self.answered > before + 1 or self.refused)
        self.is_done = True
        self.thread.join()


def with_higher_version(machine):
    """The same packages again, as an upgrade."""
    folder = machine.root / "debs-next"
    folder.mkdir()
    for deb in (machine.root / "debs").glob("*.deb"):
        tree = folder / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
        control = tree / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^Version: .*", f"Version: {NEXT_VERSION}", control.read_text()))
        subprocess.run(["dpkg-deb", "--build", "-Znone", tree, folder / deb.name], check=True, capture_output=True)
        subprocess.run(["rm", "-r", tree], check=True)


class Life(unittest.TestCase):
    machine = Machine(ROOT / "build/install/machine")
    session = None

    @classmethod
    def setUpClass(cls):
        cls.machine.boot()

    @classmethod
    def tearDownClass(cls):
        cls.machine.power_off()

    def run_in(self, *command, **options):
        return self.machine.run(*command, **options)

    def konekwa(self, *arguments):
        return json.loads(self.run_in("konekwa", *arguments, "--json"))

    def api(self, path):
        return json.loads(self.run_in("curl", "-sSf", "--unix-socket", SOCKET, f"http://localhost{path}"))

    def sandbox(self, path, *curl):
        return json.loads(self.run_in("curl", "-sSf", *curl, f"http://127.0.0.1:8090/admin/{path}"))

    def shows(self, unit, *properties):
        lines = self.run_in("systemctl", "show", unit, f"--property={','.join(properties)}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def install(self, folder):
        debs = [f"/{folder}/{path.name}" for path in sorted((self.machine.root / folder).glob("*.deb"))]
        return self.run_in("apt-get", "-q", "-y", "--no-install-recommends", "install", *debs)

    def journal(self):
        lines = self.run_in("journalctl", "--unit=konekwad", "--output=json", "--no-pager").splitlines()
        return [json.loads(line) for line in lines]

    def is_connected(self):
        return self.api(f"/v1/sessions/{self.session}")["status"] == "CONNECTED"

    def must_be_connected(self):
        until("the session is back", self.is_connected)
        self.konekwa("send", "--session", self.session, "--to", NUMBER, "--text", "Halo", "--wait", "delivered")

    def test_01_apt_installs_them_and_the_service_runs(self):
        self.install("debs")
        for unit in ("konekwad.service", "konekwad.socket"):
            self.assertEqual(self.run_in("systemctl", "is-active", unit).strip(), "active")
            self.assertEqual(self.run_in("systemctl", "is-enabled", unit).strip(), "enabled")
        enabled = self.run_in("systemctl", "is-enabled", "konekwad-http.socket", check=False)
        self.assertEqual(enabled.strip(), "disabled")
        self.assertEqual(self.konekwa("health")["status"], "ok")
        shown = self.shows("konekwad", "Type", "NotifyAccess", "StatusText", "NRestarts", "User", "WatchdogUSec")
        self.assertEqual(shown["StatusText"], "0 of 0 sessions connected, 0 messages waiting")
        self.assertEqual((shown["Type"], shown["NRestarts"], shown["User"]), ("notify", "0", "konekwa"))
        self.assertEqual(shown["WatchdogUSec"], "30s")

    def test_02_the_socket_is_for_administrators(self):
        self.run_in("useradd", "stranger")
        self.run_in("useradd", "--groups", "konekwa", "admin")
        self.assertEqual(self.run_in("stat", "--format=%a %U %G", SOCKET).strip(), "660 konekwa konekwa")
        self.assertIn("ok", self.run_in("runuser", "-u", "admin", "konekwa", "health"))
        self.assertFalse(self.machine.succeeds("runuser", "-u", "stranger", "konekwa", "health"))

    def test_03_the_service_may_do_little(self):
        text = self.run_in("systemd-analyze", "security", "--no-pager", "konekwad.service")
        exposure = float(re.search(r"Overall exposure level for konekwad.service: ([\d.]+)", text).group(1))
        self.assertLessEqual(exposure, EXPOSURE_MAX, text)
        process = self.shows("konekwad", "MainPID")["MainPID"]
        status = self.run_in("cat", f"/proc/{process}/status")
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
            self.assertIn(line, status)

    def test_04_the_journal_has_priorities(self):
        ready = [entry for entry in self.journal() if entry["MESSAGE"].startswith("konekwad: ready")]
        self.assertTrue(ready)
        self.assertEqual(ready[0]["PRIORITY"], "6")

    def test_05_it_takes_settings_from_its_file_and_from_credentials(self):
        self.machine.write("/etc/systemd/system/konekwa-sandbox.service", SANDBOX_UNIT)
        self.run_in("systemctl", "daemon-reload")
        self.run_in("systemctl", "enable", "--now", "konekwa-sandbox")
        network = json.loads(until("the sandbox is ready", lambda: self.run_in("cat", "/run/sandbox.json")))
        self.machine.write("/etc/konekwa/konekwad.conf", f"whatsapp-url = {network['url']}\n")
        self.machine.write("/etc/konekwa/credentials/whatsapp-root-key", network["root_key"], 0o600)
        self.run_in("systemctl", "restart", "konekwad")
        type(self).session = self.konekwa("sessions", "create", "--name", "Toko")["id"]
        code = until("there is a code", lambda: self.api(f"/api/v1/qr/{self.session}").get("qr"))
        self.sandbox("accounts", "--data", json.dumps({"push_name": "Budi", "phone_number": NUMBER}))
        self.sandbox("mock-phone/scan-qr", "--data", code, "--header", "Content-Type: text/plain")
        self.must_be_connected()

    def test_06_the_media_probe_works_under_the_limits_of_the_service(self):
        self.konekwa("send", "--session", self.session, "--to", NUMBER, "--image", "/debs/photo.jpg", "--wait",
                     "delivered")
        pictures = [m for m in self.sandbox(f"accounts/{NUMBER}/inbox")["messages"] if m["kind"] == "image"]
        self.assertGreater(pictures[0].get("thumbnail_bytes", 0), 0, pictures)
        self.assertGreater(pictures[0].get("width", 0), 0, pictures)

    def test_07_a_hanging_daemon_is_started_again(self):
        drop_in = "/etc/systemd/system/konekwad.service.d/test.conf"
        self.machine.write(drop_in, "[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\n")
        self.run_in("systemctl", "daemon-reload")
        self.run_in("systemctl", "restart", "konekwad")
        process = self.shows("konekwad", "MainPID")["MainPID"]
        self.run_in("systemctl", "kill", "--kill-who=main", "--signal=STOP", "konekwad")
        until("systemd has started it again", lambda: self.shows("konekwad", "NRestarts")["NRestarts"] != "0")
        self.must_be_connected()
        self.assertNotEqual(self.shows("konekwad", "MainPID")["MainPID"], process)
        self.run_in("rm", drop_in)
        self.run_in("systemctl", "daemon-reload")
        self.run_in("systemctl", "restart", "konekwad")

    def test_08_a_setting_that_cannot_be_used_is_not_tried_again(self):
        self.machine.write("/etc/konekwa/credentials/restart-ramp", "many\n", 0o600)
        self.assertFalse(self.machine.succeeds("systemctl", "restart", "konekwad"))
        shown = self.shows("konekwad", "ActiveState", "ExecMainStatus", "NRestarts")
        self.assertEqual((shown["ActiveState"], shown["ExecMainStatus"]), ("failed", "78"))
        errors = [entry for entry in self.journal() if "--restart-ramp" in entry["MESSAGE"]]
        self.assertEqual({entry["PRIORITY"] for entry in errors}, {"3"})
        self.run_in("rm", "/etc/konekwa/credentials/restart-ramp")
        self.run_in("systemctl", "restart", "konekwad")
        self.must_be_connected()

    def test_09_an_upgrade_keeps_everything_and_refuses_nobody(self):
        with_higher_version(self.machine)
        messages = self.api("/v1/messages")["total_count"]
        process = self.shows("konekwad", "MainPID")["MainPID"]
        with Clients(self.machine, "--unix-socket", SOCKET, "http://localhost/health") as clients:
            self.install("debs-next")
        self.assertEqual(clients.refused, [])
        self.assertIn(NEXT_VERSION, self.run_in("dpkg-query", "--show", "konekwad"))
        self.assertNotEqual(self.shows("konekwad", "MainPID")["MainPID"], process)
        self.assertEqual(self.api("/v1/messages")["total_count"], messages)
        self.assertIn("whatsapp-url", self.run_in("cat", "/etc/konekwa/konekwad.conf"))
        self.must_be_connected()

    def test_10_systemd_may_hold_the_port_of_the_api(self):
        self.run_in("systemctl", "stop", "konekwad")
        self.run_in("systemctl", "enable", "--now", "konekwad-http.socket")
        self.run_in("systemctl", "start", "konekwad")
        with Clients(self.machine, "http://127.0.0.1:8080/health") as clients:
            for _ in range(3):
                self.run_in("systemctl", "restart", "konekwad")
        self.assertEqual(clients.refused, [])
        self.must_be_connected()

    def test_11_it_listens_by_itself_without_units_that_do(self):
        self.run_in("systemctl", "disable", "--now", "konekwad-http.socket", "konekwad.socket")
        self.run_in("systemctl", "mask", "konekwad.socket")
        self.run_in("systemctl", "restart", "konekwad")
        self.assertEqual(self.konekwa("health")["status"], "ok")
        self.assertEqual(self.run_in("stat", "--format=%a %U %G", SOCKET).strip(), "660 konekwa konekwa")
        self.run_in("systemctl", "stop", "konekwad")
        self.run_in("systemctl", "unmask", "konekwad.socket")
        self.run_in("systemctl", "enable", "--now", "konekwad.socket")
        self.run_in("systemctl", "start", "konekwad")
        self.must_be_connected()

    def test_12_a_reboot_brings_every_session_back(self):
        self.machine.power_off()
        self.machine.boot()
        self.assertEqual(self.run_in("systemctl", "is-active", "konekwad").strip(), "active")
        self.must_be_connected()

    def behind_a_proxy(self):
        """What a client of https://wa.example.com meets: answers, large files, and events as they happen. Returns the
        beginning of its command."""
        key = self.konekwa("tokens", "create", "--name", "proxy")["token"]
        curl = ["curl", "-sS", "--insecure", "--resolve", f"{PROXIED}:443:127.0.0.1", "--header", f"X-API-Key: {key}"]
        url = f"https://{PROXIED}"
        until("the proxy answers", lambda: '"status":"ok"' in self.run_in(*curl, f"{url}/health", check=False))
        self.run_in("truncate", "--size=3M", "/tmp/large")
        curl += ["--header", "Content-Type: image/png"]
        self.assertIn('"size":3145728', self.run_in(*curl, "--data-binary", "@/tmp/large", f"{url}/v1/media"))
        self.run_in("systemd-run", "--unit=events", "--property=StandardOutput=file:/run/events", *curl, "--no-buffer",
                    f"{url}/v1/events")
        def events():
            return self.run_in("cat", "/run/events", check=False)
        until("the stream is open", lambda: self.konekwa("sessions", "disconnect", self.session) and
              self.konekwa("sessions", "connect", self.session) and "session.status" in events(), every_s=1)
        self.run_in("systemctl", "stop", "events")
        self.run_in("rm", "/run/events")
        return curl

    def test_13_nginx_in_front(self):
        self.machine.write("/etc/nginx/conf.d/konekwa.conf", (ROOT / "examples/nginx.conf").read_text())
        self.run_in("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={PROXIED}", "-keyout",
                    f"/etc/ssl/private/{PROXIED}.key", "-out", f"/etc/ssl/certs/{PROXIED}.pem")
        self.assertIn("test is successful", self.run_in("nginx", "-t"))
        self.run_in("systemctl", "start", "nginx")
        curl = self.behind_a_proxy()
        self.assertIn("nginx", self.run_in(*curl, "--data-binary", "@/tmp/large", f"https://{PROXIED}/v1/messages"))
        self.run_in("systemctl", "stop", "nginx")
        self.run_in("rm", "/etc/nginx/conf.d/konekwa.conf")

    def test_14_caddy_in_front(self):
        example = (ROOT / "examples/Caddyfile").read_text()
        # Without a network there is no certificate but one of its own making.
        local = example.replace(f"{PROXIED} {{\n", f"{PROXIED} {{\n\ttls internal\n")
        self.machine.write("/etc/caddy/Caddyfile", local)
        self.assertIn("Valid configuration", self.run_in("caddy", "validate", "--config", "/etc/caddy/Caddyfile"))
        self.run_in("systemctl", "start", "caddy")
        self.behind_a_proxy()
        self.run_in("systemctl", "stop", "caddy")

    def test_20_removed_it_leaves_its_data_and_finds_it_again(self):
        self.run_in("apt-get", "-q", "-y", "remove", "konekwad")
        self.assertFalse(self.machine.exists("/usr/bin/konekwad"))
        self.assertNotEqual(self.run_in("systemctl", "is-active", "konekwad.service", check=False).strip(), "active")
        self.assertFalse(self.machine.succeeds("test", "-e", SOCKET))
        for path in ("/var/lib/konekwa/konekwa.db", "/etc/konekwa/konekwad.conf",
                     "/etc/konekwa/credentials/whatsapp-root-key"):
            self.assertTrue(self.machine.exists(path), path)
        self.install("debs-next")
        self.must_be_connected()

    def test_21_purged_it_leaves_nothing_but_its_user(self):
        self.run_in("systemctl", "disable", "--now", "konekwa-sandbox")
        self.run_in("rm", "/etc/systemd/system/konekwa-sandbox.service", "-r", "/debs", "/debs-next")
        self.run_in("rmdir", "/etc/systemd/system/konekwad.service.d")
        self.run_in("apt-get", "-q", "-y", "purge", "konekwad", "konekwa", "konekwa-sandbox")
        found = self.run_in("find", "/", "/run", "-xdev", "-name", "*konekwa*")
        self.assertEqual(found, "")
        self.assertFalse(self.machine.succeeds("systemctl", "cat", "konekwad"))
        self.assertIn("konekwa", self.run_in("getent", "passwd", "konekwa"))


if __name__ == "__main__":
    os.chdir(pathlib.Path(__file__).parent)
    unittest.main()
