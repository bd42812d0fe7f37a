"""The life of a session over the API: codes anew, reset, deletion, and the event stream that watches it."""

import json

from programs import HttpFailure, ProcessTest, demand, until


class Life(ProcessTest):
    def setUp(self):
        super().setUp()
        self.net = self.sandbox()
        self.daemon = self.konekwad(sandbox=self.net).start()

    def show(self, session):
        return self.daemon.api("GET", f"/v1/sessions/{session}")

    def code(self, session):
        return demand(self.daemon.tcp(), "GET", f"/api/v1/qr/{session}").get("qr")

    def refusal(self, method, path):
        with self.assertRaises(HttpFailure) as caught:
            self.daemon.api(method, path)
        return caught.exception.status, caught.exception.body["error"]["code"]

    def test_restart_qr_shows_a_new_code_until_a_phone_has_scanned(self):
        session = self.daemon.create_session("Toko")
        first = until("there is a code", lambda: self.code(session))
        answer = self.daemon.api("POST", f"/v1/sessions/{session}/restart-qr")
        self.assertEqual((answer["message"], answer["status"]), ("QR restarted successfully", "CONNECTING"))
        until("there is another code", lambda: self.code(session) not in (None, first))
        self.daemon.link(session, self.net)
        target = f"/v1/sessions/{session}/restart-qr"
        self.assertEqual(self.refusal("POST", target), (409, "SESSION_ALREADY_CONNECTED"))
        self.daemon.api("POST", f"/v1/sessions/{session}/disconnect")
        self.assertEqual(self.refusal("POST", target), (409, "SESSION_ALREADY_PAIRED"))

    def test_reset_logs_out_keeps_what_the_user_set_and_links_anew(self):
        session = self.daemon.create_session("Toko", "http://127.0.0.1:9/webhook")
        number = self.daemon.link(session, self.net)
        phone = self.net.create_account("Penjual")
        sent = self.daemon.send(session, phone, "sebelum")
        waiting = ("QUEUED", "SENDING")
        until("it is sent", lambda: self.daemon.api("GET", f"/v1/messages/{sent}")["status"] not in waiting)

        answer = self.daemon.api("POST", f"/v1/sessions/{session}/reset")
        self.assertEqual((answer["message"], answer["status"]), ("Session reset successfully", "CONNECTING"))
        self.assertNotIn("details", answer)   # WhatsApp was told
        shown = self.show(session)
        self.assertNotIn("phone_number", shown)
        self.assertEqual(shown["webhooks"]["message"], "http://127.0.0.1:9/webhook")
        self.assertEqual(self.daemon.api("GET", f"/v1/messages/{sent}")["content"], "sebelum")

        self.assertEqual(self.daemon.link(session, self.net, number), number)
        self.daemon.send(session, phone, "sesudah")
        until("both are there", lambda: [m["text"] for m in self.net.inbox(phone)] == ["sebelum", "sesudah"])

    def test_who_is_deleted_while_offline_is_told_what_is_left_to_do(self):
        session = self.daemon.create_session("Toko")
        self.daemon.link(session, self.net)
        self.daemon.api("POST", f"/v1/sessions/{session}/disconnect")
        answer = self.daemon.api("DELETE", f"/v1/sessions/{session}")
        self.assertEqual(answer["message"], "Session deleted successfully")
        self.assertIn("Linked devices", answer["details"])
        more = [self.daemon.create_session(name) for name in ("Satu", "Dua", "Tiga")]
        answer = self.daemon.api("DELETE", "/v1/sessions")
        self.assertEqual(answer, {"message": "All sessions deleted successfully", "deleted_count": len(more)})
        self.assertEqual(self.daemon.api("GET", "/v1/sessions"), {"sessions": []})

    def events(self, after, wanted):
        """Reads the stream until `wanted` has come: [(id, event type)]."""
        connection = self.daemon.tcp()
        connection.request("GET", f"/v1/events?after={after}", headers={"x-api-key": self.daemon.token})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/event-stream"))
        found, position = [], None
        while not found or found[-1][1] != wanted:
            line = answer.readline().decode().rstrip("\n")
            if line.startswith("id: "):
                position = int(line[4:])
            if line.startswith("data: "):
                found.append((position, json.loads(line[6:])["event_type"]))
        connection.close()
        return found

    def test_a_stream_tells_what_happens_and_goes_on_where_it_was_cut(self):
        session = self.daemon.create_session("Toko")
        self.daemon.link(session, self.net)
        phone = self.net.create_account("Penjual")
        self.daemon.send(session, phone, "halo")
        found = self.events(0, "message.delivered")
        types = [event_type for _, event_type in found]
        for expected in ("session.qr", "session.status", "message.sent"):
            self.assertIn(expected, types)
        ids = [position for position, _ in found]
        self.assertEqual(ids, sorted(set(ids)))
        middle = ids[len(ids) // 2]
        again = self.events(middle, "message.delivered")
        self.assertEqual(again, found[len(ids) // 2 + 1:])
