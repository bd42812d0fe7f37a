"""The API's document as a test: every command as printed, through bash and curl, and every row of every table."""

import json
import re
import sqlite3

from programs import ProcessTest, Sandbox, exchange, until
from user_api_document import Document, examples

RECIPIENT = "6281234567890"
GROUP = "120363000000000001@g.us"
PAGE_SIZE = 10   # of the document's list

# The bodies that the document does not print.
BODIES = {
    "GET /v1/sessions/ses_xyz789": {"id": "ses_xyz789", "name": "CS WhatsApp", "status": "CONNECTED"},
    "PATCH /v1/sessions/ses_xyz789": {"id": "ses_xyz789", "name": "Sales WhatsApp", "status": "CONNECTED"},
    "POST /v1/sessions/ses_xyz789/disconnect":
        {"message": "Session disconnected successfully", "id": "ses_xyz789", "status": "DISCONNECTED"},
    "POST /v1/sessions/ses_xyz789/restart-qr":
        {"message": "QR restarted successfully", "id": "ses_xyz789", "status": "CONNECTING",
         "qr_url": "/api/v1/qr/ses_xyz789/image"},
    "POST /v1/sessions/ses_xyz789/reset":
        {"message": "Session reset successfully", "id": "ses_xyz789", "status": "CONNECTING",
         "qr_url": "/api/v1/qr/ses_xyz789/image"},
    "PATCH /v1/sessions/ses_xyz789/webhooks": {"id": "ses_xyz789", "name": "Sales WhatsApp"},
    "PATCH /v1/sessions/ses_xyz789/settings": {"id": "ses_xyz789", "name": "Sales WhatsApp"},
    "GET /v1/templates":
        {"templates": [{"id": "tpl_abc123", "name": "welcome_message",
                        "content": "Halo {{name}}, selamat datang di {{company}}!", "message_type": "text",
                        "created_at": "2026-03-10T10:00:00Z"}]},
    "GET /v1/templates/tpl_abc123":
        {"id": "tpl_abc123", "name": "welcome_message", "content": "Halo {{name}}, selamat datang di {{company}}!",
         "message_type": "text", "created_at": "2026-03-10T10:00:00Z"},
    "PUT /v1/templates/tpl_abc123":
        {"id": "tpl_abc123", "name": "welcome_message_v2",
         "content": "Hi {{name}}! Welcome to {{company}}. Ada yang bisa kami bantu?", "message_type": "text",
         "created_at": "2026-03-10T10:00:00Z"},
    "DELETE /v1/templates/tpl_abc123": {"message": "Template deleted successfully"},
    "DELETE /v1/sessions": {"message": "All sessions deleted successfully", "deleted_count": 2},
}
# Parts of those bodies that stand wherever they like among the other keys.
PARTS = {
    "PATCH /v1/sessions/ses_xyz789/webhooks":
        {"webhooks": {"message": "https://yourapp.com/webhook/message",
                      "status": "https://yourapp.com/webhook/status"}},
    "PATCH /v1/sessions/ses_xyz789/settings": {"settings": {"auto_read": True, "auto_typing": True}},
}


class ConformanceTest(ProcessTest):
    """A daemon with the simulated network inside."""

    EXTRA = ()

    def setUp(self):
        super().setUp()
        self.daemon = self.konekwad(sandbox="inside", rate_limits=False)
        self.daemon.arguments += self.EXTRA
        self.daemon.start()
        self.phones = Sandbox(self.directory)
        self.phones.admin_url = self.daemon.over_socket("GET", "/v1/sandbox")["admin"]

    def ask(self, method, path, body=None, key=None, headers=None):
        """(status, body)"""
        key = self.daemon.token if key is None else key
        headers = {**({"x-api-key": key} if key else {}), **(headers or {})}
        return exchange(self.daemon.tcp(), method, path, body, headers)

    def api(self, *arguments):
        return self.daemon.api(*arguments)

    def check_error(self, answer, status, code, details=None):
        self.assertEqual(answer[0], status, answer[1])
        self.assertEqual(list(answer[1]), ["error"])
        self.assertEqual(list(answer[1]["error"]), ["code", "message", "details"])
        self.assertEqual(answer[1]["error"]["code"], code)
        if details:
            self.assertIn(details, answer[1]["error"]["details"])

    def link(self, session):
        """The number that the session has after its code was scanned."""
        show = lambda: self.daemon.over_socket("GET", f"/api/v1/qr/{session}").get("qr")
        number = self.phones.scan(until("there is a code", show))
        self.daemon.wait_connected(session)
        return number

    def until_status(self, message, status):
        until(f"{message} is {status}", lambda: self.api("GET", f"/v1/messages/{message}")["status"] == status)


class Commands(ConformanceTest):
    # Nobody listens there, and the third attempt is the last: the document's failed webhook.
    EXTRA = ("--webhook-retry-schedule", "0s,0s,0s")

    def setUp(self):
        super().setUp()
        self.document = Document(self.directory, self.daemon.port, self.daemon.token, f"127.0.0.1:{self.dead_port()}")
        # The recipient's phone is off, so that messages to it stay SENT.
        self.phones.admin("POST", "accounts", {"phone_number": RECIPIENT})
        self.phones.admin("POST", f"accounts/{RECIPIENT}/offline")
        self.prepare = {
            "POST /v1/messages": self.a_connected_session_001,
            "GET /v1/messages/msg_abc123def456": lambda: self.until_status(self.real("msg_abc123def456"), "SENT"),
            "GET /v1/messages": self.more_than_a_page,
            "GET /v1/sessions": self.connected_if_created,
            "POST /v1/sessions/ses_xyz789/restart-qr": self.another_that_is_not_linked,
            "POST /v1/sessions/ses_xyz789/reset": self.the_linked_one_again,
            "GET /v1/webhooks/failed": self.until_a_webhook_failed,
        }

    def real(self, printed):
        return self.document.ids[printed]

    def a_connected_session_001(self):
        self.api("POST", "/v1/sessions", {"id": "session-001", "name": "Toko"})
        self.document.ids["session-001"] = "session-001"
        self.link("session-001")

    def more_than_a_page(self):
        last = [self.daemon.send("session-001", RECIPIENT, "Hello!") for _ in range(PAGE_SIZE + 2)][-1]
        self.until_status(last, "SENT")

    def connected_if_created(self):
        """And with an event that its webhook refuses."""
        if "ses_xyz789" not in self.document.ids:
            return
        number = self.link(self.real("ses_xyz789"))
        customer = self.phones.create_account("Pembeli")
        self.phones.say(customer, number, "Masih ada?")

    def another_that_is_not_linked(self):
        self.linked = self.real("ses_xyz789")
        self.document.ids["ses_xyz789"] = self.daemon.create_session("CS WhatsApp")

    def the_linked_one_again(self):
        self.api("DELETE", f"/v1/sessions/{self.real('ses_xyz789')}")
        self.document.ids["ses_xyz789"] = self.linked

    def until_a_webhook_failed(self):
        def has_failed():
            listed = self.api("GET", f"/v1/webhooks/failed?session_id={self.real('ses_xyz789')}")["webhooks"]
            return [webhook for webhook in listed if webhook["event_type"] == "message.received"]
        until("the webhook has failed", has_failed)

    @staticmethod
    def is_destructive(example):
        return example.call.startswith("DELETE"), example.call == "DELETE /v1/sessions"

    def test_every_command_as_printed(self):
        for example in sorted(examples(), key=self.is_destructive):
            self.prepare.get(example.call, lambda: None)()
            status, answer = self.document.run(example.command)
            with self.subTest(example.call):
                self.assertEqual(status, example.status, answer)
                printed = example.body or BODIES.get(example.call, {})
                self.assertEqual(self.document.mismatch(printed, answer), "", answer)
                for name, value in PARTS.get(example.call, {}).items():
                    self.assertEqual(self.document.mismatch(value, answer.get(name)), "", answer)
        self.assertEqual(self.api("GET", "/v1/sessions"), {"sessions": []})

    def test_every_command_wants_the_key(self):
        for example in examples():
            with self.subTest(example.call):
                without = re.sub(r" \\\n-H \"X-API-Key: [^\"]*\"", "", example.command, count=1)
                self.assertNotEqual(without, example.command)
                self.check_error(self.document.run(without), 401, "UNAUTHORIZED")
                self.document.key = "kwt_wrong"
                self.check_error(self.document.run(example.command), 401, "INVALID_API_KEY")

    def test_the_202_has_the_three_keys_only(self):
        self.daemon.create_session("Toko")
        session = self.api("GET", "/v1/sessions")["sessions"][0]["id"]
        body = {"session_id": session, "recipient": RECIPIENT, "message_type": "text", "content": "Halo"}
        self.assertEqual(list(self.api("POST", "/v1/messages", body)), ["message_id", "status", "queued_at"])


class Prefixes(ConformanceTest):
    def test_what_needs_a_key_and_what_does_not(self):
        session = self.daemon.create_session("Toko")
        for path in ("/health", f"/api/v1/qr/{session}", f"/api/v1/qr/{session}/image?format=svg",
                     f"/api/v1/sessions/{session}/status", "/api/v1/status"):
            with self.subTest(path):
                self.assertEqual(self.ask("GET", path, key="")[0], 200)
        for path in ("/v1/sessions", "/v1/messages", "/v1/templates", "/v1/webhooks/failed"):
            with self.subTest(path):
                self.check_error(self.ask("GET", path, key=""), 401, "UNAUTHORIZED")
                self.assertEqual(self.ask("GET", path)[0], 200)


class StatusCodes(ConformanceTest):
    def test_400_in_the_words_of_the_document(self):
        answer = self.ask("POST", "/v1/messages", {"session_id": "session-001", "message_type": "text", "content": "a"})
        self.assertEqual(answer, (400, {"error": {
            "code": "INVALID_REQUEST", "message": "The request body is missing required fields",
            "details": "Field 'recipient' is required"}}))

    def test_401(self):
        self.check_error(self.ask("GET", "/v1/sessions", key=""), 401, "UNAUTHORIZED")
        self.check_error(self.ask("GET", "/v1/sessions", key="kwt_wrong"), 401, "INVALID_API_KEY")

    def test_403(self):
        token = self.daemon.over_socket("POST", "/v1/tokens", {"name": "reader", "scopes": ["messages:read"]})["token"]
        self.assertEqual(self.ask("GET", "/v1/messages", key=token)[0], 200)
        self.check_error(self.ask("POST", "/v1/messages", {}, key=token), 403, "FORBIDDEN", "messages:send")

    def test_404(self):
        message = {"session_id": "ses_none", "recipient": RECIPIENT, "message_type": "text", "content": "a"}
        name = {"name": "a"}
        for method, path, body, code in (
                ("GET", "/v1/nowhere", None, "NOT_FOUND"),
                ("POST", "/v1/messages", message, "SESSION_NOT_FOUND"),
                ("GET", "/v1/messages/msg_none", None, "MESSAGE_NOT_FOUND"),
                ("GET", "/v1/sessions/ses_none", None, "SESSION_NOT_FOUND"),
                ("PATCH", "/v1/sessions/ses_none", name, "SESSION_NOT_FOUND"),
                ("DELETE", "/v1/sessions/ses_none", None, "SESSION_NOT_FOUND"),
                ("POST", "/v1/sessions/ses_none/disconnect", None, "SESSION_NOT_FOUND"),
                ("POST", "/v1/sessions/ses_none/restart-qr", None, "SESSION_NOT_FOUND"),
                ("POST", "/v1/sessions/ses_none/reset", None, "SESSION_NOT_FOUND"),
                ("PATCH", "/v1/sessions/ses_none/webhooks", {"message": ""}, "SESSION_NOT_FOUND"),
                ("PATCH", "/v1/sessions/ses_none/settings", {"auto_read": True}, "SESSION_NOT_FOUND"),
                ("GET", "/v1/templates/tpl_none", None, "TEMPLATE_NOT_FOUND"),
                ("PUT", "/v1/templates/tpl_none", name, "TEMPLATE_NOT_FOUND"),
                ("DELETE", "/v1/templates/tpl_none", None, "TEMPLATE_NOT_FOUND"),
                ("POST", "/v1/webhooks/replay/wh_none", None, "WEBHOOK_NOT_FOUND"),
                ("GET", "/api/v1/qr/ses_none/image", None, "SESSION_NOT_FOUND")):
            with self.subTest(f"{method} {path}"):
                self.check_error(self.ask(method, path, body), 404, code)

    def test_500_when_the_database_is_not_what_it_was(self):
        session = self.daemon.create_session("Toko")
        self.assertEqual(self.daemon.program.stop(), 0)
        [file] = self.daemon.data.glob("*.db")
        with sqlite3.connect(file) as database:
            database.execute("CREATE TRIGGER damage AFTER INSERT ON messages BEGIN INSERT INTO nowhere VALUES (1); END")
        database.close()
        self.daemon.start()
        message = {"session_id": session, "recipient": RECIPIENT, "message_type": "text", "content": "a"}
        self.check_error(self.ask("POST", "/v1/messages", message), 500, "INTERNAL_ERROR")
        self.assertEqual(self.ask("GET", "/v1/messages")[1]["messages"], [])


class RateLimit(ConformanceTest):
    EXTRA = ("--rate-limit", "1")

    def test_429(self):
        def ask():
            connection = self.daemon.tcp()
            connection.request("GET", "/v1/me", headers={"x-api-key": self.daemon.token})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            connection.close()
            return answer, body
        answers = [ask() for _ in range(6)]
        self.assertEqual(answers[0][0].status, 200)
        answer, body = answers[-1]
        self.check_error((answer.status, body), 429, "RATE_LIMIT_EXCEEDED")
        self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)


class SendingFields(ConformanceTest):
    """POST /v1/messages. The session is not linked: nothing is sent, everything accepted waits."""

    MEDIA = {"media_url": "https://127.0.0.1:9/a"}
    TYPES = [
        ("text", {"content": "Halo"}),
        ("image", {**MEDIA, "caption": "Struk Anda"}),
        ("video", {**MEDIA, "caption": "Cara pakai"}),
        ("audio", MEDIA),
        ("document", {**MEDIA, "caption": "Tagihan", "filename": "tagihan.pdf"}),
        ("location", {"latitude": -6.2, "longitude": 106.816667}),
        ("contact", {"vcard_data": "BEGIN:VCARD\nVERSION:3.0\nFN:Budi\nTEL:+6281234567890\nEND:VCARD\n"}),
    ]

    def setUp(self):
        super().setUp()
        self.session = self.daemon.create_session("Toko")
        self.text = {"session_id": self.session, "recipient": RECIPIENT, "message_type": "text", "content": "Halo"}

    def test_each_type_is_accepted_with_its_fields_and_kept(self):
        for message_type, fields in self.TYPES:
            with self.subTest(message_type):
                body = {"session_id": self.session, "recipient": RECIPIENT, "message_type": message_type, **fields}
                status, answer = self.ask("POST", "/v1/messages", body)
                self.assertEqual((status, answer.get("status")), (202, "QUEUED"), answer)
                shown = self.api("GET", f"/v1/messages/{answer['message_id']}")
                self.assertEqual({name: shown.get(name) for name in body}, body)
                self.assertEqual(shown["direction"], "OUTBOUND")

    def test_each_field_that_its_type_requires(self):
        for message_type, fields in self.TYPES:
            for field in ("session_id", "recipient", "message_type", *fields):
                if field in ("caption", "filename"):
                    continue
                with self.subTest(message_type, field=field):
                    body = {**self.text, "message_type": message_type, **fields}
                    if message_type != "text":
                        del body["content"]
                    del body[field]
                    self.check_error(self.ask("POST", "/v1/messages", body), 400, "INVALID_REQUEST", f"'{field}'")

    def test_values_that_are_none(self):
        for code, fields in (
                ("INVALID_RECIPIENT", {"recipient": "abc"}), ("INVALID_RECIPIENT", {"recipient": "628"}),
                ("INVALID_MESSAGE_TYPE", {"message_type": "sticker"}),
                ("INVALID_MEDIA_URL", {"message_type": "image", "media_url": "ftp://127.0.0.1/a"}),
                ("INVALID_REQUEST", {"message_type": "location", "latitude": 91, "longitude": 0}),
                ("INVALID_REQUEST", {"message_type": "location", "latitude": 0, "longitude": -181}),
                ("INVALID_REQUEST", {"message_type": "location", "latitude": "0", "longitude": 0}),
                ("INVALID_REQUEST", {"content": 1}), ("INVALID_REQUEST", {"placeholder_values": []})):
            with self.subTest(code, **fields):
                self.check_error(self.ask("POST", "/v1/messages", {**self.text, **fields}), 400, code)

    def test_a_recipient_is_a_number_or_a_group(self):
        for recipient, kept in ((RECIPIENT, RECIPIENT), ("+62 812-3456-7890", RECIPIENT), ("081234567890", RECIPIENT),
                                (GROUP, GROUP)):
            with self.subTest(recipient):
                answer = self.api("POST", "/v1/messages", {**self.text, "recipient": recipient})
                self.assertEqual(self.api("GET", f"/v1/messages/{answer['message_id']}")["recipient"], kept)

    def test_the_session_that_sends(self):
        answer = self.ask("POST", "/v1/messages", {**self.text, "session_id": "ses_none"})
        self.check_error(answer, 404, "SESSION_NOT_FOUND")
        other = self.daemon.create_session("Cabang")
        answer = self.api("POST", "/v1/messages", {**self.text, "session_id": other})
        self.assertEqual(self.api("GET", f"/v1/messages/{answer['message_id']}")["session_id"], other)

    def test_a_template_and_its_values(self):
        template = self.api("POST", "/v1/templates", {
            "name": "welcome_message", "content": "Halo {{name}}, selamat datang di {{company}}!"})["id"]
        body = {"session_id": self.session, "recipient": RECIPIENT, "message_type": "text", "template_id": template}
        values = {"name": "Budi", "company": "Toko Maju"}
        answer = self.api("POST", "/v1/messages", {**body, "placeholder_values": values})
        shown = self.api("GET", f"/v1/messages/{answer['message_id']}")
        self.assertEqual(shown["content"], "Halo Budi, selamat datang di Toko Maju!")
        self.assertEqual(shown["template_id"], template)
        missing = self.ask("POST", "/v1/messages", {**body, "placeholder_values": {"name": "Budi"}})
        self.check_error(missing, 400, "MISSING_PLACEHOLDER", "company")
        unknown = self.ask("POST", "/v1/messages", {**body, "template_id": "tpl_none"})
        self.check_error(unknown, 404, "TEMPLATE_NOT_FOUND")

    def test_headers(self):
        body = json.dumps(self.text)
        for headers, status in (({"content-type": "application/json"}, 202),
                                ({"content-type": "application/json; charset=utf-8"}, 202),
                                ({"content-type": "text/xml"}, 415)):
            with self.subTest(**headers):
                self.assertEqual(self.ask("POST", "/v1/messages", body, headers=headers)[0], status)
        bearer = {"authorization": f"Bearer {self.daemon.token}", "content-type": "application/json"}
        self.assertEqual(self.ask("POST", "/v1/messages", body, key="", headers=bearer)[0], 202)


class ListParameters(ConformanceTest):
    """GET /v1/messages."""

    def setUp(self):
        super().setUp()
        self.session = self.daemon.create_session("Toko")
        self.other = self.daemon.create_session("Cabang")
        number = self.link(self.session)
        customer = self.phones.create_account("Pembeli")
        self.sent = [self.daemon.send(self.session, customer, f"text {i}") for i in range(3)]
        self.waiting = self.daemon.send(self.other, RECIPIENT, "menunggu")
        self.phones.say(customer, number, "Masih ada?")
        self.received = until("the answer is listed", lambda: self.ids("direction=received"))

    def ids(self, query):
        return [message["id"] for message in self.api("GET", f"/v1/messages?{query}")["messages"]]

    def test_each_parameter_filters(self):
        every = self.ids("")
        self.assertEqual(sorted(every), sorted([*self.sent, self.waiting, *self.received]))
        first = self.api("GET", f"/v1/messages/{self.sent[0]}")["created_at"]
        for query, expected in (
                (f"session_id={self.session}", {*self.sent, *self.received}),
                (f"session_id={self.other}", {self.waiting}),
                ("session_id=ses_none", set()),
                ("direction=sent", {*self.sent, self.waiting}),
                ("direction=received", set(self.received)),
                ("type=text", set(every)),
                ("type=image", set()),
                (f"start_date={first}", set(every)),
                (f"start_date={first[:10]}", set(every)),
                ("start_date=2999-01-01", set()),
                ("end_date=2999-01-01T00:00:00Z", set(every)),
                (f"end_date={first}", set()),
                ("end_date=2020-01-01", set()),
                ("start_date=2020-01-01&end_date=2999-01-01&direction=sent&type=text", {*self.sent, self.waiting})):
            with self.subTest(query):
                self.assertEqual(set(self.ids(query)), expected)

    def test_pages(self):
        found, query = [], "page_size=2"
        while True:
            page = self.api("GET", f"/v1/messages?{query}")
            self.assertEqual(page["total_count"], 5)
            self.assertLessEqual(len(page["messages"]), 2)
            found += [message["id"] for message in page["messages"]]
            if "next_page_token" not in page:
                break
            query = f"page_size=2&page_token={page['next_page_token']}"
        self.assertEqual(found, self.ids(""))
        self.assertEqual(len(found), 5)

    def test_values_that_are_none(self):
        for query, code in (("direction=up", "INVALID_REQUEST"), ("type=sticker", "INVALID_MESSAGE_TYPE"),
                            ("start_date=soon", "INVALID_DATE"), ("end_date=2026-13-01", "INVALID_DATE"),
                            ("start_date=2026-02-01&end_date=2026-01-01", "INVALID_DATE"),
                            ("page_size=0", "INVALID_REQUEST"), ("page_size=a", "INVALID_REQUEST"),
                            ("page_token=eyJwYWdlIjoy", "INVALID_PAGE_TOKEN")):
            with self.subTest(query):
                self.check_error(self.ask("GET", f"/v1/messages?{query}"), 400, code)

    def test_a_page_is_20_unless_asked(self):
        for i in range(20):
            self.daemon.send(self.other, RECIPIENT, f"menunggu {i}")
        self.assertEqual(len(self.ids("")), 20)


class SessionFields(ConformanceTest):
    def test_names(self):
        self.check_error(self.ask("POST", "/v1/sessions", {}), 400, "INVALID_REQUEST", "'name'")
        session = self.api("POST", "/v1/sessions", {"name": "CS WhatsApp"})
        self.assertEqual(session["name"], "CS WhatsApp")
        renamed = self.api("PATCH", f"/v1/sessions/{session['id']}", {"name": "Sales WhatsApp"})
        self.assertEqual(renamed["name"], "Sales WhatsApp")
        self.assertEqual(self.api("GET", f"/v1/sessions/{session['id']}")["name"], "Sales WhatsApp")

    def test_each_webhook_gets_its_events(self):
        messages, statuses = self.receiver(), self.receiver()
        webhooks = {"message": messages.url, "status": statuses.url}
        session = self.api("POST", "/v1/sessions", {"name": "Toko", "webhooks": webhooks})
        self.assertEqual(session["webhooks"], webhooks)
        number = self.link(session["id"])
        self.phones.say(self.phones.create_account("Pembeli"), number, "Masih ada?")
        until("the message is reported", lambda: messages.of("message.received"))
        until("the status is reported", lambda: statuses.of("session.status"))
        self.assertEqual({event["event_type"].partition(".")[0] for event in messages.events}, {"message"})
        self.assertEqual({event["event_type"].partition(".")[0] for event in statuses.events}, {"session"})

    def test_one_webhook_without_the_other(self):
        for name in ("message", "status"):
            with self.subTest(name):
                webhooks = {name: "https://127.0.0.1:9/webhook"}
                session = self.api("POST", "/v1/sessions", {"name": "Toko", "webhooks": webhooks})["id"]
                self.assertEqual(self.api("GET", f"/v1/sessions/{session}")["webhooks"], webhooks)
        body = {"name": "Toko", "webhooks": {"message": "ftp://127.0.0.1/"}}
        self.check_error(self.ask("POST", "/v1/sessions", body), 400, "INVALID_WEBHOOK_URL")

    def test_webhooks_changed_one_by_one(self):
        session = self.daemon.create_session("Toko")
        path = f"/v1/sessions/{session}/webhooks"
        first, second = "https://127.0.0.1:9/first", "https://127.0.0.1:9/second"
        self.assertEqual(self.api("PATCH", path, {"message": first})["webhooks"], {"message": first})
        both = self.api("PATCH", path, {"status": second})
        self.assertEqual(both["webhooks"], {"message": first, "status": second})
        self.assertEqual(self.api("PATCH", path, {"message": None})["webhooks"], {"status": second})
        self.assertEqual(self.api("PATCH", path, {"status": ""})["webhooks"], {})
        self.check_error(self.ask("PATCH", path, {"status": "nowhere"}), 400, "INVALID_WEBHOOK_URL")

    def test_settings_changed_one_by_one(self):
        session = self.daemon.create_session("Toko")
        path = f"/v1/sessions/{session}/settings"
        self.assertEqual(self.api("PATCH", path, {"auto_read": True})["settings"],
                         {"auto_read": True, "auto_typing": False})
        self.assertEqual(self.api("PATCH", path, {"auto_typing": True})["settings"],
                         {"auto_read": True, "auto_typing": True})
        self.api("PATCH", path, {"auto_read": False})
        self.assertEqual(self.api("GET", f"/v1/sessions/{session}")["settings"],
                         {"auto_read": False, "auto_typing": True})
        self.check_error(self.ask("PATCH", path, {"auto_read": "yes"}), 400, "INVALID_REQUEST", "auto_read")

    def test_a_proxy_is_used_and_its_password_is_not_shown(self):
        proxy = f"socks5://user:secret@127.0.0.1:{self.dead_port()}"
        session = self.api("POST", "/v1/sessions", {"name": "Toko", "proxy_url": proxy})
        self.assertEqual(session["proxy_url"], proxy.replace("secret", "***"))
        show = lambda: self.api("GET", f"/v1/sessions/{session['id']}")
        until("the proxy is missed", lambda: show().get("status_reason") == "PROXY_ERROR")
        self.assertNotIn("secret", json.dumps(show()))
        self.assertNotIn("secret", json.dumps(self.api("GET", "/v1/sessions")))
        answer = self.ask("POST", "/v1/sessions", {"name": "Toko", "proxy_url": "ftp://127.0.0.1"})
        self.assertEqual(answer[0], 400)


class TemplateFields(ConformanceTest):
    BODY = {"name": "welcome_message", "content": "Halo {{name}}!"}

    def test_each_field_of_a_new_one(self):
        for field in self.BODY:
            with self.subTest(field):
                body = {name: value for name, value in self.BODY.items() if name != field}
                self.check_error(self.ask("POST", "/v1/templates", body), 400, "INVALID_REQUEST", f"'{field}'")
        self.assertEqual(self.api("POST", "/v1/templates", self.BODY)["message_type"], "text")
        image = self.api("POST", "/v1/templates", {**self.BODY, "message_type": "image"})
        self.assertEqual(self.api("GET", f"/v1/templates/{image['id']}")["message_type"], "image")
        answer = self.ask("POST", "/v1/templates", {**self.BODY, "message_type": "sticker"})
        self.check_error(answer, 400, "INVALID_MESSAGE_TYPE")

    def test_each_field_of_a_change(self):
        template = self.api("POST", "/v1/templates", self.BODY)["id"]
        path = f"/v1/templates/{template}"
        changed = self.api("PUT", path, {"name": "welcome_message_v2"})
        self.assertEqual((changed["name"], changed["content"]), ("welcome_message_v2", "Halo {{name}}!"))
        changed = self.api("PUT", path, {"content": "Hi {{name}}!"})
        self.assertEqual((changed["name"], changed["content"]), ("welcome_message_v2", "Hi {{name}}!"))
        self.assertEqual(self.api("GET", path)["content"], "Hi {{name}}!")
        self.check_error(self.ask("PUT", path, {}), 400, "INVALID_REQUEST")
        self.api("DELETE", path)
        self.check_error(self.ask("GET", path), 404, "TEMPLATE_NOT_FOUND")


class FailedWebhooks(ConformanceTest):
    EXTRA = ("--webhook-retry-schedule", "0s,0s,0s,0s")

    def test_a_replay_delivers_and_takes_it_off_the_list(self):
        receiver = self.receiver()
        receiver.status = 500
        session = self.api("POST", "/v1/sessions", {"name": "Toko", "webhooks": {"message": receiver.url}})["id"]
        number = self.link(session)
        self.phones.say(self.phones.create_account("Pembeli"), number, "Masih ada?")

        def given_up():
            listed = self.api("GET", f"/v1/webhooks/failed?session_id={session}")["webhooks"]
            return [webhook for webhook in listed if webhook["attempts"] == 4]
        [failed] = until("the webhook is given up", given_up)
        self.assertEqual((failed["event_type"], failed["state"]), ("message.received", "dead"))
        self.assertIn("500", failed["error"])
        self.assertEqual(receiver.of("message.received"), [])

        receiver.status = 200
        answer = self.ask("POST", f"/v1/webhooks/replay/{failed['id']}")
        self.assertEqual(answer, (200, {"message": "Webhook replay queued successfully", "webhook_id": failed["id"]}))
        until("the event has come", lambda: receiver.of("message.received"))
        until("the list is empty", lambda: not self.api("GET", "/v1/webhooks/failed")["webhooks"])
        self.check_error(self.ask("POST", f"/v1/webhooks/replay/{failed['id']}"), 404, "WEBHOOK_NOT_FOUND")
