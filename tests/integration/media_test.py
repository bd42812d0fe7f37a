"""Files, places, contacts and what people do to messages: from the API to a phone of the sandbox, and back."""

import hashlib
import http.client
import http.server
import json
import os
import threading
import unittest

from programs import ROOT, WAIT_S, ProcessTest, WebhookReceiver, until

FILES = ROOT / "tests/unit/media_probe/files"
LARGE = 64 * 1024 * 1024
RSS_GROWTH_MAX = 16 * 1024 * 1024
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Toko Baru\nTEL;type=CELL;waid=6281234567890:+6281234567890\nEND:VCARD"


class FileServer:
    """Serves what it is given, by path: (content type, octets)."""

    def __init__(self):
        files = self.files = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                content_type, content = files.get(self.path, ("text/plain", None))
                self.send_response(404 if content is None else 200)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(content or b"")))
                self.end_headers()
                try:
                    self.wfile.write(content or b"")
                except ConnectionError:
                    pass   # it is too large, and the daemon has hung up

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class MediaTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.network = self.sandbox()
        self.daemon = self.konekwad(sandbox=self.network, rate_limits=False).start()
        self.receiver = self.own(WebhookReceiver())
        self.files = FileServer()
        self.addCleanup(self.files.stop)
        self.session = self.daemon.create_session("Toko", self.receiver.url)
        self.number = self.daemon.link(self.session, self.network)
        self.friend = self.network.create_account("friend")

    def send(self, message_type, **fields):
        body = {"session_id": self.session, "recipient": self.friend, "message_type": message_type, **fields}
        return self.daemon.api("POST", "/v1/messages", body)["message_id"]

    def serve(self, name, content_type, content=None):
        content = (FILES / name).read_bytes() if content is None else content
        self.files.files[f"/{name}"] = (content_type, content)
        return f"{self.files.url}/{name}", hashlib.sha256(content).hexdigest()

    def message(self, message_id):
        return self.daemon.api("GET", f"/v1/messages/{message_id}")

    def shown(self, message_id, timeout_s=WAIT_S):
        """What the friend's phone shows of it."""
        def look():
            message = self.message(message_id)
            self.assertNotEqual(message["status"], "FAILED", message)
            found = [entry for entry in self.network.inbox(self.friend) if entry["id"] == message["wa_message_id"]]
            return found and found[0]
        return until("the phone shows it", look, timeout_s)

    def failure(self, message_id):
        until("it has failed", lambda: self.message(message_id)["status"] == "FAILED")
        return self.message(message_id)["error"]

    def say(self, **what):
        return self.network.admin("POST", f"accounts/{self.friend}/say", {"to": self.number, **what})["id"]

    def received(self, wa_id):
        return until("it was received", lambda: next(
            (m for m in self.daemon.messages(self.session) if m["wa_message_id"] == wa_id), None))

    def event(self, event_type):
        return until(f"{event_type} came", lambda: next(iter(self.receiver.of(event_type)), None))

    def media_of(self, message_id):
        """(status, content type, octets) of the media route, once it has the file."""
        def get():
            connection = self.daemon.tcp()
            try:
                connection.request("GET", f"/v1/messages/{message_id}/media", headers={"x-api-key": self.daemon.token})
                answer = connection.getresponse()
                return answer.status, answer.headers["content-type"], answer.read()
            finally:
                connection.close()
        return until("the file is here", lambda: (got := get())[0] != 409 and got)

    def keep_file(self, content):
        host, _, _ = self.network.admin_url.split("//", 1)[1].partition("/")
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            connection.request("POST", "/admin/files", content, {"content-type": "application/octet-stream"})
            return json.load(connection.getresponse())["file"]
        finally:
            connection.close()

    def no_violations(self):
        self.assertEqual(self.network.violations(), [])


class Out(MediaTest):
    def test_an_image_with_a_caption(self):
        url, sha256 = self.serve("photo.jpg", "image/jpeg")
        message = self.send("image", media_url=url, caption="Struk Anda")
        shown = self.shown(message)
        self.assertEqual((shown["kind"], shown["caption"], shown["sha256"]), ("image", "Struk Anda", sha256))
        self.assertEqual(shown["mimetype"], "image/jpeg")
        self.assertGreater(shown["width"], 0)
        self.assertGreater(shown["thumbnail_bytes"], 0)
        media = self.message(message)["media"]
        self.assertEqual((media["status"], media["sha256"]), ("stored", sha256))
        self.no_violations()

    def test_a_video_a_song_and_a_voice_note(self):
        url, sha256 = self.serve("film.mp4", "video/mp4")
        shown = self.shown(self.send("video", media_url=url))
        self.assertEqual((shown["kind"], shown["sha256"]), ("video", sha256))
        self.assertGreater(shown["seconds"], 0)
        url, sha256 = self.serve("voice.ogg", "audio/ogg")
        shown = self.shown(self.send("audio", media_url=url))
        self.assertEqual((shown["kind"], shown["mimetype"], shown["sha256"]),
                         ("voice", "audio/ogg; codecs=opus", sha256))
        self.assertEqual(shown["waveform_bytes"], 64)
        url, sha256 = self.serve("tone.mp3", "audio/mpeg")
        shown = self.shown(self.send("audio", media_url=url))
        self.assertEqual((shown["kind"], shown["sha256"]), ("audio", sha256))
        self.no_violations()

    def test_a_document_of_any_kind_with_its_name(self):
        url, sha256 = self.serve("faktur.pdf", "application/pdf", b"not a PDF, and sent all the same")
        shown = self.shown(self.send("document", media_url=url, filename="Faktur 771.pdf", caption="Terima kasih"))
        self.assertEqual((shown["kind"], shown["filename"], shown["mimetype"], shown["caption"], shown["sha256"]),
                         ("document", "Faktur 771.pdf", "application/pdf", "Terima kasih", sha256))

    def test_a_place_and_a_contact(self):
        shown = self.shown(self.send("location", latitude=-6.2, longitude=106.8))
        self.assertEqual(shown["kind"], "location")
        self.assertAlmostEqual(shown["location"]["latitude"], -6.2)
        shown = self.shown(self.send("contact", vcard_data=VCARD))
        self.assertEqual((shown["kind"], shown["contacts"][0]["vcard"]), ("contact", VCARD))

    def test_an_answer_and_a_mention(self):
        question = self.say(text="Masih ada?")
        asked = self.received(question)
        answer = self.send("text", content=f"Ada @{self.friend}", reply_to=asked["id"], mentions=[self.friend])
        shown = self.shown(answer)
        self.assertEqual(shown["quote"], question)
        self.assertEqual(shown["text"], f"Ada @{self.friend}")
        self.assertEqual(len(shown["mentions"]), 1)

    def test_what_cannot_be_fetched_or_is_of_another_type_fails_and_says_why(self):
        error = self.failure(self.send("image", media_url=f"{self.files.url}/nothing.jpg"))
        self.assertEqual((error["code"], error["details"]), ("MEDIA_DOWNLOAD_FAILED", "HTTP 404"))
        url, _ = self.serve("tone.mp3", "image/jpeg")
        self.assertEqual(self.failure(self.send("image", media_url=url))["code"], "MEDIA_TYPE_MISMATCH")
        url, _ = self.serve("big.jpg", "image/jpeg", b"x" * (17 * 1024 * 1024))
        self.assertEqual(self.failure(self.send("image", media_url=url))["code"], "MEDIA_TOO_LARGE")

    def test_an_upload_that_fails_is_tried_again(self):
        self.network.admin("POST", "faults", {"fail_uploads": 1})
        url, sha256 = self.serve("photo.jpg", "image/jpeg")
        self.assertEqual(self.shown(self.send("image", media_url=url))["sha256"], sha256)


class In(MediaTest):
    def test_an_image_comes_with_its_file(self):
        content = (FILES / "photo.jpg").read_bytes()
        wa_id = self.say(kind="image", file=self.keep_file(content), mimetype="image/jpeg", caption="Ini")
        message = self.event("message.received")["message"]
        self.assertEqual((message["message_type"], message["caption"]), ("image", "Ini"))
        self.assertEqual(message["media"]["mimetype"], "image/jpeg")
        self.assertEqual(message["media"]["url"], f"/v1/messages/{message['id']}/media")
        self.assertEqual(self.received(wa_id)["id"], message["id"])
        self.assertEqual(self.media_of(message["id"]), (200, "image/jpeg", content))
        self.assertEqual(self.message(message["id"])["media"]["status"], "stored")

    def test_each_other_kind_arrives_as_what_it_is(self):
        file = self.keep_file(b"octets of a file")
        for kind, wanted in {"video": "video", "audio": "audio", "voice": "audio", "document": "document",
                             "sticker": "sticker"}.items():
            with self.subTest(kind):
                message = self.received(self.say(kind=kind, file=file, mimetype="application/octet-stream"))
                self.assertEqual(message["message_type"], wanted)
                self.assertEqual(self.media_of(message["id"])[2], b"octets of a file")
        place = self.received(self.say(kind="location", latitude=-6.2, longitude=106.8, name="Toko"))
        self.assertEqual((place["message_type"], place["latitude"], place["name"]), ("location", -6.2, "Toko"))
        contact = self.received(self.say(kind="contact", vcard=VCARD, name="Toko Baru"))
        self.assertEqual((contact["message_type"], contact["vcard_data"]), ("contact", VCARD))
        poll = self.received(self.say(kind="poll", text="Warna?", options=["merah", "biru"]))
        self.assertEqual((poll["message_type"], poll["content"], poll["poll"]["options"]),
                         ("poll", "Warna?", ["merah", "biru"]))

    def test_reactions_edits_and_deletions_are_events(self):
        sent = self.send("text", content="Halo")
        wa_id = self.shown(sent)["id"]
        self.say(kind="reaction", target=wa_id, emoji="👍")
        reaction = self.event("message.reaction")
        self.assertEqual((reaction["message_id"], reaction["emoji"], reaction["sender"]), (sent, "👍", self.friend))
        said = self.say(text="Salah")
        before = self.received(said)
        self.say(kind="edit", target=said, text="Benar")
        edited = self.event("message.edited")
        self.assertEqual((edited["message_id"], edited["content"]), (before["id"], "Benar"))
        self.assertEqual(self.message(before["id"])["content"], "Benar")
        self.say(kind="revoke", target=said)
        self.assertEqual(self.event("message.revoked")["message_id"], before["id"])
        self.assertIn("revoked_at", self.message(before["id"]))
        self.assertEqual(len(self.receiver.of("message.received")), 1)

    def test_what_a_message_answers_to_is_told(self):
        sent = self.send("text", content="Mau yang mana?")
        wa_id = self.shown(sent)["id"]
        answer = self.received(self.say(text="Yang ini", quote=wa_id))
        self.assertEqual(answer["quoted"]["wa_message_id"], wa_id)
        self.assertEqual(answer["quoted"]["content"], "Mau yang mana?")

    def test_a_file_that_the_network_has_dropped_is_asked_of_the_phone(self):
        content = b"kept by the phone"
        file = self.keep_file(content)
        self.daemon.program.stop()
        wa_id = self.say(kind="document", file=file, filename="a.txt")
        until("the own phone has the file", lambda: any(
            entry["id"] == wa_id and "sha256" in entry for entry in self.network.inbox(self.number)))
        self.network.admin("POST", "expire_media", {})
        self.daemon.start()
        message = self.received(wa_id)
        self.assertEqual(self.media_of(message["id"])[2], content)

    def test_auto_read_turns_the_ticks_blue(self):
        self.daemon.api("PATCH", f"/v1/sessions/{self.session}/settings", {"auto_read": True})
        wa_id = self.say(text="Sudah dibaca?")
        def read():
            sent = self.network.admin("GET", f"accounts/{self.friend}/sent")["messages"]
            return [r for m in sent if m["id"] == wa_id for r in m["receipts"] if r["type"] == "read"]
        until("the message is read", read)


class Large(MediaTest):
    """64 MiB both ways, in little memory."""

    def rss(self):
        with open(f"/proc/{self.daemon.program.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def test_a_large_document_both_ways(self):
        content = os.urandom(1024 * 1024) * (LARGE // (1024 * 1024))
        url, sha256 = self.serve("large.bin", "application/octet-stream", content)
        self.shown(self.send("text", content="warm"))
        before, peak = self.rss(), 0
        message = self.send("document", media_url=url, filename="large.bin")

        def is_shown():
            nonlocal peak
            peak = max(peak, self.rss())
            wa_id = self.message(message)["wa_message_id"]
            return [entry for entry in self.network.inbox(self.friend) if entry["id"] == wa_id and "sha256" in entry]
        self.assertEqual(until("it is there", is_shown, 120)[0]["sha256"], sha256)

        inbound = self.received(self.say(kind="document", file=self.keep_file(content), filename="large.bin"))

        def is_stored():
            nonlocal peak
            peak = max(peak, self.rss())
            return self.message(inbound["id"])["media"]["status"] == "stored"
        until("it is stored", is_stored, 120)
        received = self.media_of(inbound["id"])[2]
        peak = max(peak, self.rss())
        self.assertEqual(hashlib.sha256(received).hexdigest(), sha256)
        print(f"64 MiB both ways: the daemon grew by {(peak - before) / 1048576:.1f} MiB")
        self.assertLess(peak - before, RSS_GROWTH_MAX)


if __name__ == "__main__":
    unittest.main()
