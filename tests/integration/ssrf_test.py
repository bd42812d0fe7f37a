"""URLs of users cannot reach what is not public: every form of an address, names that turn, redirects. Each is tried
for real, and a listener on loopback sees that nobody came."""

import http.server
import os
import pathlib
import threading
import unittest

from programs import BINARIES, ProcessTest, exchange, until

RESOLVER = pathlib.Path(BINARIES).parent / "lib" / "libturning_resolver.so"


class Listener:
    """Answers 200 and hangs up, on 127.0.0.1 and, with the same port, on 127.0.0.2; knows which of them was asked."""

    def __init__(self, redirect_to=None):
        self.asked = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                self.answer()

            def do_GET(self):
                self.answer()

            def answer(self):
                listener.asked.append(self.server.server_address[0])
                self.send_response(302 if redirect_to else 200)
                if redirect_to:
                    self.send_header("location", redirect_to)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        first = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = first.server_port
        self.servers = [first, http.server.ThreadingHTTPServer(("127.0.0.2", self.port), Handler)]
        for server in self.servers:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def stop(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


class Guard(ProcessTest):
    def setUp(self):
        super().setUp()
        self.listener = Listener()
        self.addCleanup(self.listener.stop)

    def start(self, allowed="127.0.0.2/32", addresses=None):
        self.daemon = self.konekwad(rate_limits=False)
        at = self.daemon.arguments.index("--allow-url-hosts")
        self.daemon.arguments[at + 1] = allowed
        spawn = self.daemon.spawn

        def spawn_with_resolver():
            os.environ["LD_PRELOAD"] = str(RESOLVER)
            os.environ["KONEKWA_TEST_ADDRESSES"] = addresses or ""
            try:
                return spawn()
            finally:
                del os.environ["LD_PRELOAD"], os.environ["KONEKWA_TEST_ADDRESSES"]

        if addresses:
            self.daemon.spawn = spawn_with_resolver
        self.daemon.start()
        self.session = self.daemon.create_session("Toko")

    def try_url(self, url):
        """What a webhook test says; a refusal when the URL is set counts as one, too."""
        status, answer, *_ = self.patch(url)
        if status == 400:
            return {"delivered": False, "error": answer["error"]["details"]}
        return self.daemon.api("POST", f"/v1/sessions/{self.session}/webhooks/test")["results"][0]

    def patch(self, url):
        return exchange(self.daemon.tcp(), "PATCH", f"/v1/sessions/{self.session}/webhooks", {"message": url},
                        {"x-api-key": self.daemon.token})

    def test_no_form_of_an_address_that_is_not_public(self):
        self.start()
        port = self.listener.port
        hosts = ["127.0.0.1", "localhost", "LOCALHOST.", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1",
                 "127.0.1", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
                 "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "[fd00::1]",
                 "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "192.0.2.1", "198.18.0.1",
                 "224.0.0.1", "255.255.255.255", "127.0.0.1%2f@8.8.8.8", "a@127.0.0.1", "127.0.0.1#@8.8.8.8",
                 "①②⑦.⓪.⓪.①", "127。0。0。1"]
        for host in hosts:
            with self.subTest(host):
                result = self.try_url(f"http://{host}:{port}/")
                self.assertFalse(result["delivered"], result)
                self.assertNotIn("http_status", result)
                self.assertNotRegex(result["error"], r"\b(127|10|192|169)\.\d+\.")   # nothing of what it resolved to
        for url in ("file:///etc/passwd", "gopher://127.0.0.1/", f"http://127.0.0.2:{port}\\@127.0.0.1:{port}/",
                    f"http://a@127.0.0.2@127.0.0.1:{port}/", f"http://127.0.0.1:{port}/\r\nX: y"):
            with self.subTest(url):
                self.assertFalse(self.try_url(url)["delivered"])
        self.assertEqual(self.listener.asked, [])
        self.assertTrue(self.try_url(f"http://127.0.0.2:{port}/")["delivered"])   # the list of the operator counts
        self.assertEqual(self.listener.asked, ["127.0.0.2"])

    def test_a_name_that_turns_after_it_was_looked_at(self):
        self.start(addresses="127.0.0.2,127.0.0.1")
        for name in ("a", "a", "b"):   # "a" may be known for a while under its first address; "b" has turned
            result = self.try_url(f"http://{name}.rebind.test:{self.listener.port}/")
        self.assertFalse(result["delivered"])
        self.assertEqual(set(self.listener.asked), {"127.0.0.2"})

    def test_a_name_with_an_address_of_each_kind(self):
        self.start(addresses="127.0.0.1,127.0.0.2")
        self.try_url(f"http://both.rebind.test:{self.listener.port}/")
        self.assertNotIn("127.0.0.1", self.listener.asked)

    def test_a_redirect_leads_nowhere(self):
        inner = self.listener
        self.start()
        outer = Listener(redirect_to=f"http://127.0.0.1:{inner.port}/secret")
        self.addCleanup(outer.stop)
        result = self.try_url(f"http://127.0.0.2:{outer.port}/")
        self.assertEqual((result["delivered"], result["http_status"]), (False, 302))
        self.assertEqual(inner.asked, [])

    def test_media_does_not_follow_a_redirect_inside(self):
        net = self.sandbox()
        inner = self.listener
        self.daemon = self.konekwad(sandbox=net, rate_limits=False)
        at = self.daemon.arguments.index("--allow-url-hosts")
        self.daemon.arguments[at + 1] = "127.0.0.2/32"
        self.daemon.start()
        session = self.daemon.create_session("Toko")
        self.daemon.link(session, net)
        outer = Listener(redirect_to=f"http://127.0.0.1:{inner.port}/secret.png")
        self.addCleanup(outer.stop)
        sent = self.daemon.api("POST", "/v1/messages", {
            "session_id": session, "recipient": net.create_account("Penjual"), "message_type": "image",
            "media_url": f"http://127.0.0.2:{outer.port}/a.png"})["message_id"]
        failed = until("it fails", lambda: self.find_failed(sent))
        self.assertEqual(failed["error"]["code"], "MEDIA_DOWNLOAD_FAILED")
        self.assertEqual(inner.asked, [])

    def find_failed(self, message_id):
        message = self.daemon.api("GET", f"/v1/messages/{message_id}")
        return message if message["status"] == "FAILED" else None


if __name__ == "__main__":
    unittest.main()
