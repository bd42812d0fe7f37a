"""The receivers of examples/ take what konekwad sends and nothing else; one of them is the npm package of the Standard
Webhooks convention, which nobody here has written."""

import http.client
import os
import pathlib
import shutil
import subprocess
import time
import unittest

from programs import ROOT, ProcessTest, ReservedPort, until

MODULES = ROOT / "tests/interop/node_modules"


class Receiver:
    """A receiver as a process, whose output is a file."""

    def __init__(self, command, secret, port, log):
        self.log = pathlib.Path(log)
        self.port = port
        environment = {**os.environ, "KONEKWA_WEBHOOK_SECRET": secret, "NODE_PATH": str(MODULES)}
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            env=environment)

    def text(self):
        return self.log.read_text(errors="replace")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(self.text())
        try:
            return self.post(b"{}", {}) > 0
        except OSError:
            return False

    def post(self, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", "/", body, headers)
        return connection.getresponse().status

    def stop(self):
        self.process.kill()
        self.process.wait()


class Receivers(ProcessTest):
    def setUp(self):
        super().setUp()
        self.net = self.sandbox()
        self.daemon = self.konekwad(sandbox=self.net, rate_limits=False).start()
        self.session = self.daemon.create_session("Toko")
        self.number = self.daemon.link(self.session, self.net)
        self.phone = self.net.create_account("Penjual")
        self.secret = self.daemon.api("GET", f"/v1/sessions/{self.session}/webhooks/secret")["secret"]

    def run_receiver(self, command):
        reserved = self.own(ReservedPort())
        port = reserved.number
        reserved.stop()
        self.owned.remove(reserved)
        receiver = Receiver([part.replace("PORT", str(port)) for part in command], self.secret, port,
                            self.directory / "receiver.log")
        self.addCleanup(receiver.stop)
        until("the receiver answers", receiver.answers)
        return receiver

    def check(self, command):
        receiver = self.run_receiver(command)
        self.daemon.api("PATCH", f"/v1/sessions/{self.session}/webhooks",
                        {"message": f"http://127.0.0.1:{receiver.port}/"})
        result = self.daemon.api("POST", f"/v1/sessions/{self.session}/webhooks/test")["results"][0]
        self.assertTrue(result["delivered"], result)
        self.net.say(self.phone, self.number, "Masih ada? 🙏")
        until("the text is there", lambda: f"{self.phone} wrote: Masih ada? 🙏" in receiver.text())
        # After a rotation both secrets sign, and the receiver still has the old one.
        self.daemon.api("POST", f"/v1/sessions/{self.session}/webhooks/secret")
        self.net.say(self.phone, self.number, "Halo?")
        until("the next is there", lambda: f"{self.phone} wrote: Halo?" in receiver.text())
        # What did not come from konekwad, or long ago, is refused.
        now = str(int(time.time()))
        for stamp, signature in ((now, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="), (now, ""),
                                 ("1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")):
            status = receiver.post(b'{"test": 2432232314}', {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": stamp,
                "webhook-signature": signature})
            self.assertEqual(status, 401)

    def test_python(self):
        self.check(["python3", str(ROOT / "examples/webhook_receiver.py"), "PORT"])

    @unittest.skipUnless((MODULES / "standardwebhooks").is_dir(), "npm ci in tests/interop installs its library")
    def test_node_with_the_library_of_the_convention(self):
        self.check(["node", str(ROOT / "examples/webhook_receiver.js"), "PORT"])

    @unittest.skipUnless(shutil.which("php"), "php is not installed")
    def test_php(self):
        self.check(["php", "-S", "127.0.0.1:PORT", str(ROOT / "examples/webhook_receiver.php")])


if __name__ == "__main__":
    unittest.main()
