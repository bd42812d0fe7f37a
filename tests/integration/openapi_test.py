"""openapi.yaml against itself, and against the answers of a real konekwad to every operation."""

import collections
import datetime
import hashlib
import http.client
import http.server
import json
import threading
import time
import unittest

import jsonschema

from openapi_contract import Contract, path_parameters, references, takes_a_file, without_required
from programs import Konekwad, ProcessTest, Sandbox, UnixConnection, WAIT_S, exchange, until

STRANGER = "6289999999999"   # a number that is not on WhatsApp
GROUP = "120363000000000000@g.us"
# What a webhook gets only where its session names it.
RARE_EVENTS = ("message.cancelled", "session.connected", "session.disconnected", "session.logged_out")


class Receiver:
    """A webhook that keeps each delivery: headers by lower-case name, and the event."""

    def __init__(self):
        self.deliveries = deliveries = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                deliveries.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self):
        return {event["event_type"] for _, event in list(self.deliveries)}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class TheJudge(unittest.TestCase):
    """A judge that lets everything pass would be of no use."""

    JSON = {"content-type": "application/json", "x-request-id": "1"}

    def setUp(self):
        answer = {"description": "Good.", "headers": {"X-Request-Id": {"required": True, "schema": {"type": "string"}},
                                                      "RateLimit": {"schema": {"type": "string"}}},
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
        error = {**answer, "description": "`NOT_FOUND`.", "content": {"application/json": {"schema": {}}}}
        schemas = {"Thing": {"type": "object", "additionalProperties": False, "required": ["id"],
                             "properties": {"id": {"type": "string"}}},
                   "ErrorCode": {"x-konekwa-status": {"NOT_FOUND": 404, "GONE": 404}}}
        operation = {"operationId": "get", "responses": {"200": answer, "404": error}}
        self.contract = Contract({"paths": {"/x": {"get": operation}}, "components": {"schemas": schemas}})

    def judge(self, status=200, headers=None, body=b'{"id":"1"}', is_keyed=False):
        headers = {**self.JSON, **(headers or {})}
        return self.contract.answer_problems(self.contract.operation("get"), status, headers, body, is_keyed)

    def test_finds_nothing_in_a_good_answer(self):
        self.assertEqual(self.judge(), [])
        self.assertEqual(self.judge(headers={"ratelimit": "r=1"}, is_keyed=True), [])
        self.assertEqual(self.judge(404, body=b'{"error":{"code":"NOT_FOUND"}}'), [])
        self.assertEqual(self.contract.seen, {"get": {200, 404}})

    def test_finds_what_is_wrong(self):
        for what, problem in {
                "status 201": self.judge(201),
                "'id' is a required property": self.judge(body=b"{}"),
                "not of type 'string'": self.judge(body=b'{"id":1}'),
                "'more' was unexpected": self.judge(body=b'{"id":"1","more":1}'),
                "content type text/plain": self.judge(headers={"content-type": "text/plain"}),
                "header retry-after is not declared": self.judge(headers={"retry-after": "1"}),
                "header ratelimit is missing": self.judge(is_keyed=True),
                "code GONE is not declared": self.judge(404, body=b'{"error":{"code":"GONE"}}'),
        }.items():
            with self.subTest(what=what):
                self.assertEqual(len(problem), 1)
                self.assertIn(what, problem[0])
        headers = {"content-type": "application/json"}
        operation = self.contract.operation("get")
        self.assertEqual(self.contract.answer_problems(operation, 200, headers, b'{"id":"1"}', False),
                         ["header x-request-id is missing"])


class TheDocument(ProcessTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.konekwad().start()
        connection = self.daemon.tcp()
        connection.request("GET", "/openapi.json")
        self.document = json.loads(connection.getresponse().read())
        connection.close()
        self.contract = Contract(self.document)

    def test_is_openapi_3_1_with_what_that_asks_for(self):
        self.assertRegex(self.document["openapi"], r"^3\.1\.\d+$")
        for key in ("title", "version"):
            self.assertIsInstance(self.document["info"][key], str)
        known = {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks", "components", "security",
                 "tags", "externalDocs"}
        self.assertEqual({key for key in self.document if not key.startswith("x-")} - known, set())
        self.assertEqual([path for path in self.document["paths"] if not path.startswith("/")], [])

    def test_has_references_that_lead_somewhere_and_no_part_that_nobody_refers_to(self):
        used = set(references(self.document))
        for reference in used:
            with self.subTest(reference=reference):
                self.assertTrue(reference.startswith("#/components/"))
                self.assertIsInstance(self.contract.resolve({"$ref": reference}), dict)
        # It describes what is inside a stream, which no reference can say.
        in_streams = {"QrStatus"}
        for kind in ("parameters", "headers", "responses", "schemas"):
            for name in set(self.document["components"][kind]) - in_streams:
                self.assertIn(f"#/components/{kind}/{name}", used)

    def test_names_each_operation_once_and_describes_it(self):
        descriptions = [(operation.path, operation.description) for operation in self.contract.operations]
        descriptions += [(name, item["post"]) for name, item in self.document["webhooks"].items()]
        names = collections.Counter(description["operationId"] for _, description in descriptions)
        self.assertEqual([name for name, count in names.items() if count > 1], [])
        tags = {tag["name"] for tag in self.document["tags"]}
        for path, description in descriptions:
            with self.subTest(operation=description["operationId"]):
                self.assertTrue(description["summary"])
                self.assertTrue(description["tags"] and set(description["tags"]) <= tags)
                self.assertTrue(description["responses"], path)
                for response in description["responses"].values():
                    self.assertTrue(self.contract.resolve(response)["description"])

    def test_declares_the_parameters_of_every_path_and_no_parameter_twice(self):
        for operation in self.contract.operations:
            with self.subTest(operation=str(operation)):
                named = [(parameter["in"], parameter["name"]) for parameter in operation.parameters]
                self.assertEqual(len(named), len(set(named)))
                self.assertEqual(sorted(name for place, name in named if place == "path"),
                                 path_parameters(operation.path))
                for parameter in operation.parameters:
                    # Groups are known to sessions, so that one has to be named.
                    is_needed = parameter["in"] == "path" or (
                        operation.path.startswith("/v1/groups") and parameter["name"] == "session_id")
                    self.assertEqual(parameter.get("required", False), is_needed)
                    self.assertIn("schema", parameter)

    def test_says_for_every_operation_who_may_call_it_and_what_a_key_without_the_right_gets(self):
        for operation in self.contract.operations:
            with self.subTest(operation=str(operation)):
                is_public = operation.access == "public"
                self.assertEqual(operation.path.startswith("/v1/") or operation.path == "/metrics", not is_public)
                self.assertEqual("security" in operation.description, is_public)
                self.assertEqual({"401", "403"} <= set(operation.responses), not is_public)

    def test_describes_the_events_that_the_daemon_knows_and_no_other(self):
        session = self.daemon.create_session("Toko")
        status, answer = exchange(self.daemon.tcp(), "PATCH", f"/v1/sessions/{session}/webhooks", {"events": ["?"]},
                                  {"x-api-key": self.daemon.token})
        self.assertEqual(status, 400, answer)
        names = answer["error"]["details"].partition(" is none of ")[2].split(", ")
        self.assertEqual(sorted(name for name in names if not name.endswith("*")), sorted(self.document["webhooks"]))
        for name, item in self.document["webhooks"].items():
            with self.subTest(event=name):
                content = item["post"]["requestBody"]["content"]["application/json"]
                schema = self.contract.resolve(content["schema"])
                self.assertEqual(schema["properties"]["event_type"], {"const": name})

    def test_has_schemas_that_are_schemas(self):
        for name, schema in self.document["components"]["schemas"].items():
            with self.subTest(schema=name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_has_examples_that_fit_their_schemas_but_for_keys_left_out(self):
        lenient = Contract(without_required(self.document))
        count = 0
        for operation in self.contract.operations:
            bodies = [operation.description.get("requestBody"), *operation.responses.values()]
            for media_type, content in [pair for body in bodies if body for pair in body.get("content", {}).items()]:
                if media_type != "application/json":
                    continue
                for name, example in content.get("examples", {}).items():
                    count += 1
                    with self.subTest(operation=str(operation), example=name):
                        schema = without_required(content["schema"])
                        self.assertEqual(lenient.schema_problems(schema, example["value"]), [])
        self.assertGreater(count, 30)


class EveryOperation(ProcessTest):
    """One daemon with its simulated WhatsApp and a second one with narrow settings; each operation is called for its
    success and its main errors, and every answer is judged by the document that the daemon itself serves."""

    def start(self, name, *arguments, sandbox=None):
        folder = self.directory / name
        folder.mkdir()
        daemon = self.own(Konekwad(folder, sandbox=sandbox))
        daemon.arguments += arguments
        return daemon.start()

    def setUp(self):
        super().setUp()
        # Three failures come at once, the fourth attempt much later.
        self.daemon = self.start("wide", "--webhook-retry-schedule", "0s,0s,0s,1h", "--rate-limit", "100000",
                                 "--public-rate-limit", "100000", sandbox="inside")
        connection = self.daemon.tcp()
        connection.request("GET", "/openapi.json")
        self.contract = Contract(json.loads(connection.getresponse().read()))
        connection.close()
        self.admin = self.new_key(self.daemon, scopes=["admin"])
        self.nobody = self.new_key(self.daemon, scopes=["webhooks:read"])
        self.phones = Sandbox(self.directory)
        self.phones.admin_url = self.daemon.over_socket("GET", "/v1/sandbox")["admin"]
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)

    def new_key(self, daemon, **body):
        return daemon.over_socket("POST", "/v1/tokens", {"name": "x", **body})["token"]

    def request(self, operation_id, ids, query, body, headers, daemon, over_socket=False):
        operation = self.contract.operation(operation_id)
        path = operation.path
        for value in ids:
            head, _, tail = path.partition("{")
            path = head + value + tail.partition("}")[2]
        connection = (UnixConnection(daemon.socket, 2 * WAIT_S) if over_socket
                      else http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=2 * WAIT_S))
        self.addCleanup(connection.close)
        text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        headers = {"content-type": "application/json", **headers} if text is not None else headers
        connection.request(operation.method, path + (f"?{query}" if query else ""), text, headers)
        return operation, connection.getresponse()

    def call(self, operation_id, *ids, expect=200, query="", body=None, key="default", headers=None, daemon=None,
             is_let_in=True, over_socket=False):
        """Calls an operation and judges the answer. Its JSON, or its octets. `is_let_in`: the key is a valid one."""
        daemon = daemon or self.daemon
        key = daemon.token if key == "default" else key
        headers = {**(headers or {}), **({"x-api-key": key} if key else {})}
        if expect >= 400:
            headers["accept-language"] = "id"   # errors in Indonesian have a header more
        operation, answer = self.request(operation_id, ids, query, body, headers, daemon, over_socket)
        what = f"{operation} {ids} {query} {str(body)[:300]}"
        is_keyed = bool(key) and operation.access != "public" and is_let_in and expect not in (401, 413)
        got = self.judge(operation, answer, expect, is_keyed, what)
        if expect < 300:
            self.assertEqual(self.contract.request_problems(operation, query, headers, body), [], what)
        return got

    def judge(self, operation, answer, expect, is_keyed, what):
        headers = {name.lower(): value for name, value in answer.getheaders()}
        octets = answer.read()
        what += f": {answer.status} {headers} {octets[:600]!r}"
        self.assertEqual(answer.status, expect, what)
        self.assertEqual(self.contract.answer_problems(operation, answer.status, headers, octets, is_keyed), [], what)
        return json.loads(octets) if "json" in headers["content-type"] else octets

    def stream(self, operation_id, *ids, query="", headers=None, until_event, key="default", then=lambda: None):
        """Follows a stream until an event of that name: [(id, event, data)]. `then` runs when the stream is open."""
        key = self.daemon.token if key == "default" else key
        headers = {**(headers or {}), **({"x-api-key": key} if key else {})}
        operation, answer = self.request(operation_id, ids, query, None, headers, self.daemon)
        got = {name.lower(): value for name, value in answer.getheaders()}
        self.assertEqual(answer.status, 200, f"{operation} {answer.status}")
        is_keyed = operation.path.startswith("/v1/")
        problems = self.contract.answer_problems(operation, answer.status, got, b"", is_keyed)
        self.assertEqual(problems + self.contract.request_problems(operation, query, headers, None), [], str(operation))
        then()
        events, fields = [], {}
        deadline = time.monotonic() + 2 * WAIT_S
        while time.monotonic() < deadline:
            line = answer.readline().decode()
            self.assertTrue(line, f"{operation} ended before {until_event}: {events}")
            name, _, value = line.rstrip("\r\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                events.append((fields.get("id"), fields.get("event"), json.loads(fields["data"])))
                if fields.get("event") == until_event:
                    answer.close()
                    return events
                fields = {}
        raise AssertionError(f"{operation}: no {until_event} in {events}")

    def text(self, session, recipient, content="Halo", **more):
        return {"session_id": session, "recipient": recipient, "message_type": "text", "content": content, **more}

    def settled(self, message, *statuses):
        return until(f"{message} is {statuses}", lambda: self.is_settled(message, statuses), every_s=0.05)

    def is_settled(self, message, statuses):
        shown = self.call("getMessage", message)
        return shown if shown["status"] in statuses else None

    def test_answers_as_the_document_says(self):
        self.server()
        self.tokens()
        self.tenants()
        self.templates()
        session = self.pairing()
        self.sessions(session)
        self.messages(session)
        self.media(session)
        self.deeds(session)
        self.groups(session)
        self.events(session)
        self.failed_webhooks()
        self.backups()
        self.refusals(session)
        self.endings(session)
        self.narrow_daemon()
        self.limits()
        self.webhooks()
        operations, statuses = self.contract.count()
        print(f"{operations} of {len(self.contract.operations)} operations called, {statuses} pairs of operation and "
              "status seen", flush=True)
        self.assertEqual(self.contract.never_called(), [])
        self.assertEqual(self.contract.never_succeeded(), [])

    def server(self):
        self.call("getHealth", key=None)
        self.call("getHealth", key=self.admin)
        self.call("getReady", key=None)
        self.call("getServerStatus", key=None)
        self.assertEqual(self.call("getOpenapi", key=None)["info"], self.contract.document["info"])
        self.call("getMetrics", key=self.admin)
        self.call("getMetrics", key=None, expect=401)
        self.call("getMetrics", expect=403)
        self.call("getSandbox", key=self.admin)
        self.call("getSandbox", expect=403)
        self.call("getMe")
        self.call("getMe", key=None, expect=401)
        self.call("getMe", key="kwt_wrong", expect=401)
        self.call("getMe", key=self.admin, headers={"x-konekwa-tenant": "toko"})
        self.call("getMe", key=self.admin, headers={"x-konekwa-tenant": "to ko"}, expect=400, is_let_in=False)
        self.call("getMe", headers={"x-konekwa-tenant": "toko"}, expect=403, is_let_in=False)
        self.call("getMe", headers={"x-request-id": "abc-123"})

    def tokens(self):
        body = {"name": "kasir-1", "scopes": ["messages:send", "messages:read"], "sessions": ["ses_xyz789"],
                "expires_in": "90d"}
        made = self.call("createToken", body=body, key=self.admin, expect=201)
        self.call("createToken", body={"name": "kasir-2", "colour": "red"}, key=self.admin, expect=201)
        self.call("createToken", body={"name": 1}, key=self.admin, expect=400)
        self.call("createToken", body=body, expect=403)
        self.call("getMe", key=made["token"])
        self.call("listTokens", key=self.admin)
        self.call("listTokens", expect=403)
        self.call("getToken", made["id"], key=self.admin)
        self.call("getToken", "tok_none", key=self.admin, expect=404)
        rotated = self.call("rotateToken", made["id"], body={"grace": "1h"}, key=self.admin)
        self.call("getMe", key=made["token"])
        self.call("rotateToken", made["id"], body={"grace": "soon"}, key=self.admin, expect=400)
        self.call("rotateToken", "tok_none", key=self.admin, expect=404)
        rotated = self.call("rotateToken", made["id"], body={"grace": "0s"}, key=self.admin)
        self.call("rotateToken", made["id"], key=self.admin)
        self.call("revokeToken", made["id"], key=self.admin)
        self.call("revokeToken", made["id"], key=self.admin)
        self.call("revokeToken", "tok_none", key=self.admin, expect=404)
        self.call("getMe", key=rotated["token"], expect=401)
        self.call("listTokens", key=self.admin)

    def tenants(self):
        self.call("createTenant", body={"id": "toko-maju", "name": "Toko Maju"}, key=self.admin, expect=201)
        self.call("createTenant", body={"id": "toko-maju"}, key=self.admin, expect=409)
        self.call("createTenant", body={"id": "toko maju"}, key=self.admin, expect=400)
        self.call("createTenant", body={"id": "toko-baru"}, key=self.admin, expect=201)
        self.call("createTenant", body={"id": "x"}, expect=403)
        self.call("listTenants", key=self.admin)
        self.call("getTenant", "toko-maju", key=self.admin)
        self.call("getTenant", "toko-none", key=self.admin, expect=404)
        self.call("updateTenant", "toko-maju", body={"name": "Toko Jaya"}, key=self.admin)
        self.call("updateTenant", "toko-maju", body={}, key=self.admin, expect=400)
        self.call("updateTenant", "toko-none", body={"name": "x"}, key=self.admin, expect=404)
        token = self.call("createToken", body={"name": "k", "tenant": "toko-maju"}, key=self.admin, expect=201)
        self.call("updateTenant", "toko-maju", body={"suspended": True}, key=self.admin)
        self.call("getMe", key=token["token"], expect=403, is_let_in=False)
        self.call("listSessions", key=token["token"], expect=403, is_let_in=False)
        self.call("updateTenant", "toko-maju", body={"suspended": False}, key=self.admin)
        self.call("deleteTenant", "toko-maju", key=self.admin, expect=409)
        self.call("revokeToken", token["id"], key=self.admin)
        self.call("deleteTenant", "toko-maju", key=self.admin)
        self.call("deleteTenant", "toko-maju", key=self.admin, expect=404)

    def templates(self):
        body = {"name": "welcome_message", "content": "Halo {{name}}, selamat datang di {{company}}!"}
        once = {"idempotency-key": "template-1"}
        made = self.call("createTemplate", body=body, headers=once, expect=201)
        self.call("createTemplate", body=body, headers=once, expect=201)
        self.call("createTemplate", body={**body, "name": "x"}, headers=once, expect=409)
        self.call("createTemplate", body={**body, "message_type": "image"}, expect=201)
        self.call("createTemplate", body={**body, "message_type": "audio"}, expect=400)
        self.call("createTemplate", body={"name": "x"}, expect=400)
        self.call("createTemplate", body="{", expect=400)
        self.call("createTemplate", body=body, key=self.nobody, expect=403)
        self.call("listTemplates")
        page = self.call("listTemplates", query="page_size=1")
        self.call("listTemplates", query=f"page_size=1&page_token={page['next_page_token']}")
        self.call("listTemplates", query="page_size=0", expect=400)
        self.call("listTemplates", query="page_size=1&page_token=x", expect=400)
        self.call("getTemplate", made["id"])
        self.call("getTemplate", "tpl_none", expect=404)
        self.call("updateTemplate", made["id"], body={"name": "welcome_message_v2", "colour": "red"})
        self.call("updateTemplate", made["id"], body={}, expect=400)
        self.call("updateTemplate", "tpl_none", body={"name": "x"}, expect=404)
        unused = self.call("createTemplate", body=body, expect=201)
        self.call("deleteTemplate", unused["id"])
        self.call("deleteTemplate", unused["id"], expect=404)
        self.template = made["id"]

    def pairing(self):
        once = {"idempotency-key": "session-1"}
        body = {"name": "CS WhatsApp", "settings": {"auto_read": False},
                "webhooks": {"message": self.receiver.url, "status": self.receiver.url, "events": ["*", *RARE_EVENTS]}}
        made = self.call("createSession", body=body, headers=once, expect=201)
        session = made["id"]
        self.call("createSession", body=body, headers=once, expect=201)
        self.call("createSession", body={"name": "x"}, headers=once, expect=409)
        until("there is a code", lambda: self.call("getQr", session, key=None).get("qr"))
        shown = self.call("getQr", session, query="wait=1&after=0", key=None)
        self.call("getQr", session, query="wait=a", key=None, expect=400)
        self.call("getQr", "ses_none", key=None, expect=404)
        for form in ("png", "svg", "txt"):
            self.call("getQrImage", session, query=f"format={form}&size=200", key=None)
        self.call("getQrImage", session, query="format=gif", key=None, expect=400)
        self.call("getQrImage", "ses_none", key=None, expect=404)
        self.call("streamQr", "ses_none", key=None, expect=404)
        self.call("restartQr", session)
        until("there is another code",
              lambda: self.call("getQr", session, key=None).get("qr") not in (None, shown["qr"]))

        def scan():
            self.number = self.phones.scan(self.call("getQr", session, key=None)["qr"])

        streamed = self.stream("streamQr", session, until_event="done", then=scan, key=None)
        for _, name, data in streamed:
            schema = "Qr" if name == "qr" else "QrStatus"
            self.assertEqual(self.contract.schema_problems({"$ref": f"#/components/schemas/{schema}"}, data), [])
        self.assertIn("qr", [name for _, name, _ in streamed])
        until("it is connected", lambda: self.call("getSession", session)["status"] == "CONNECTED", every_s=0.05)
        return session

    def sessions(self, session):
        self.call("getQr", session, key=None)
        self.call("getQrImage", session, key=None, expect=409)
        for name in ("getSessionStatus", "getStatusOfSession", "getQrStatus"):
            self.call(name, session, key=None)
            self.call(name, "ses_none", key=None, expect=404)
        self.call("listSessions")
        self.call("listSessions", key=self.nobody, expect=403)
        self.call("getSession", "ses_none", expect=404)
        self.call("updateSession", session, body={"name": "Sales WhatsApp", "colour": "red"})
        self.call("updateSession", session, body={}, expect=400)
        self.call("updateSession", session, body={"proxy_url": "ftp://x"}, expect=400)
        self.call("updateSession", "ses_none", body={"name": "x"}, expect=404)
        self.call("updateSessionSettings", session, body={"auto_read": True, "auto_typing": True})
        self.call("updateSessionSettings", session, body={"auto_read": "yes"}, expect=400)
        self.call("updateSessionSettings", "ses_none", body={"auto_read": True}, expect=404)
        self.call("updateSessionWebhooks", session, body={"message": self.receiver.url})
        self.call("updateSessionWebhooks", session, body={"message": "ftp://x"}, expect=400)
        self.call("updateSessionWebhooks", "ses_none", body={"message": None}, expect=404)
        self.call("getWebhookSecret", session)
        self.call("getWebhookSecret", session, key=self.nobody, expect=403)
        self.call("getWebhookSecret", "ses_none", expect=404)
        self.call("rotateWebhookSecret", session)
        self.call("rotateWebhookSecret", "ses_none", expect=404)
        self.call("restartQr", session, expect=409)
        self.call("connectSession", session)
        self.call("disconnectSession", session)
        self.call("disconnectSession", session)
        self.call("restartQr", session, expect=409)
        self.call("reconnectSession", session)
        for name in ("connectSession", "reconnectSession", "disconnectSession", "restartQr", "resetSession"):
            self.call(name, "ses_none", expect=404)
            self.call(name, session, key=self.nobody, expect=403)
        until("it is connected", lambda: self.call("getSession", session)["status"] == "CONNECTED", every_s=0.05)

        chosen = {"id": "session-001", "name": "Chosen", "proxy_url": "socks5://user:secret@127.0.0.1:9"}
        self.call("createSession", body=chosen, expect=201)
        self.call("createSession", body=chosen, expect=409)
        self.call("createSession", body={"name": ""}, expect=400)
        self.call("createSession", body={"name": "x", "webhooks": {"message": "x"}}, expect=400)
        self.call("createSession", body={"name": "x", "proxy_url": "x"}, expect=400)
        self.call("getQr", "session-001", key=None, expect=403)
        self.call("getQrImage", "session-001", key=None, expect=403)
        self.call("streamQr", "session-001", key=None, expect=403)
        signed = self.call("getSession", "session-001")["qr_url"].partition("?")[2]
        self.call("getQr", "session-001", query=signed, key=None)
        self.call("disconnectSession", "session-001")
        self.call("getQrImage", "session-001", query=signed, key=None, expect=404)

    def messages(self, session):
        peer = self.peer = self.phones.create_account("Budi")
        once = {"idempotency-key": "message-1"}
        sent = self.call("sendMessage", body=self.text(session, peer, client_reference="order-771", colour="red"),
                         headers=once, expect=202)
        self.call("sendMessage", body=self.text(session, peer, client_reference="order-771", colour="red"),
                  headers=once, expect=202)
        self.call("sendMessage", body=self.text(session, peer, "other"), headers=once, expect=409)
        self.settled(sent["message_id"], "DELIVERED")
        copy = next(message for message in self.phones.inbox(peer) if message["text"] == "Halo")
        self.phones.admin("POST", f"accounts/{peer}/read", {"id": copy["id"]})
        self.settled(sent["message_id"], "READ")
        self.call("cancelMessage", sent["message_id"], query="revoke=false", expect=409)
        failing = self.call("sendMessage", body=self.text(session, STRANGER), expect=202)
        self.settled(failing["message_id"], "FAILED")
        self.phones.say(peer, self.number, "Halo kak, masih ada?")
        received = until("it arrived", lambda: self.call("listMessages", query="direction=received")["messages"])
        self.call("getMessage", received[0]["id"])

        rendered = self.call("sendMessage", expect=202, body={
            "session_id": session, "recipient": peer, "message_type": "text", "template_id": self.template,
            "placeholder_values": {"name": "Budi", "company": 7}})
        self.settled(rendered["message_id"], "SENT", "DELIVERED")
        vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Budi\nEND:VCARD"
        others = [{"message_type": "location", "latitude": -6.2, "longitude": 106.8, "name": "Toko",
                   "address": "Jl. 1"},
                  {"message_type": "contact", "vcard_data": vcard},
                  {"message_type": "contact", "contacts": [vcard, vcard]},
                  {"message_type": "text", "content": f"Halo @{peer}", "reply_to": received[0]["id"],
                   "mentions": [peer], "link_preview": True}]
        for body in others:
            made = self.call("sendMessage", body={"session_id": session, "recipient": peer, **body}, expect=202)
            self.settled(made["message_id"], "SENT", "DELIVERED", "READ")
        unreachable = {"media_url": "https://yourapp.example/a.jpg", "caption": "Struk", "filename": "a.jpg"}
        for body in [{"message_type": "image", **unreachable}, {**self.text(session, GROUP)}]:
            made = self.call("sendMessage", body={"session_id": session, "recipient": peer, **body}, expect=202)
            self.settled(made["message_id"], "FAILED")

        later = self.call("sendMessage", body=self.text(session, peer, send_at=self.tomorrow(), expires_in="1h"),
                          expect=202)
        self.assertEqual(later["status"], "SCHEDULED")
        self.call("getMessage", later["message_id"])
        self.call("cancelMessage", later["message_id"])
        self.call("cancelMessage", later["message_id"])
        self.call("getMessage", later["message_id"])
        self.call("cancelMessage", "msg_none", expect=404)
        self.call("getMessage", "msg_none", expect=404)
        self.call("getMessage", sent["message_id"], key=self.nobody, expect=403)

        for wrong in (self.text(session, "x"), {"session_id": session}, self.text(session, peer, ""),
                      self.text(session, peer, "x" * 65_537), {**self.text(session, peer), "message_type": "telegram"},
                      {**self.text(session, peer), "message_type": "image", "media_url": "ftp://x"},
                      self.text(session, peer, send_at="tomorrow"), self.text(session, peer, expires_in="soon"),
                      self.text(session, peer, template_id=self.template), "{"):
            self.call("sendMessage", body=wrong, expect=400)
        self.call("sendMessage", body=self.text(session, peer, reply_to="msg_x"), expect=400)
        self.call("sendMessage", body=self.text("ses_none", peer), expect=404)
        self.call("sendMessage", body=self.text(session, peer, template_id="tpl_none"), expect=404)

        self.call("listMessages")
        page = self.call("listMessages", query=f"session_id={session}&page_size=2&direction=sent&count=false")
        query = f"session_id={session}&page_size=2&direction=sent&count=false&page_token={page['next_page_token']}"
        self.call("listMessages", query=query)
        self.call("listMessages", query="type=text&status=READ&client_reference=order-771")
        self.call("listMessages", query=f"recipient={peer}&start_date=2020-01-01&end_date=2099-12-31")
        for wrong in ("direction=up", "type=telegram", "status=GONE", "start_date=x", "page_size=0", "page_token=x"):
            self.call("listMessages", query=wrong, expect=400)

    def media(self, session):
        octets = bytes(range(256)) * 1000
        made = self.call("uploadMedia", body=octets, query="filename=data.bin", expect=201,
                         headers={"content-type": "application/octet-stream"})
        self.assertEqual(made["sha256"], hashlib.sha256(octets).hexdigest())
        headers = {"content-type": "application/octet-stream", "content-disposition": "attachment; filename=data.bin"}
        again = self.call("uploadMedia", body=octets, expect=201, headers=headers)
        self.assertEqual(again["id"], made["id"])
        self.call("uploadMedia", body=b"", headers={"content-length": "0"}, expect=400)
        self.call("uploadMedia", body=b"x", headers={"content-type": "nonsense"}, expect=400)
        self.call("getMedia", made["id"])
        self.call("getMedia", "med_none", expect=404)

        body = {"session_id": session, "recipient": self.peer, "message_type": "document",
                "media_url": made["media_url"], "filename": "data.bin"}
        sent = self.call("sendMessage", body=body, expect=202)["message_id"]
        self.assertIn("media", self.settled(sent, "SENT", "DELIVERED", "READ"))
        self.assertEqual(self.call("getMessageMedia", sent), octets)
        self.assertEqual(self.call("getMessageMedia", sent, headers={"range": "bytes=1-3"}, expect=206), octets[1:4])
        self.call("getMessageMedia", sent, headers={"range": "bytes=256000-"}, expect=416)
        self.call("getMessageMedia", sent, headers={"if-none-match": f'"{made["sha256"]}"'}, expect=304)
        later = self.call("sendMessage", body={**body, "send_at": self.tomorrow()}, expect=202)["message_id"]
        self.call("getMessageMedia", later, expect=409)
        self.call("cancelMessage", later)
        self.call("getMessageMedia", later, expect=404)
        self.call("getMessageMedia", "msg_none", expect=404)
        self.call("deleteMedia", made["id"])
        self.call("deleteMedia", made["id"], expect=404)
        self.call("sendMessage", body=body, expect=400)

    def deeds(self, session):
        sent = self.call("sendMessage", body=self.text(session, self.peer), expect=202)["message_id"]
        self.settled(sent, "SENT", "DELIVERED", "READ")
        for made in (self.call("reactToMessage", sent, body={"emoji": "\U0001F44D"}, expect=202),
                     self.call("editMessage", sent, body={"content": "Halo, Budi"}, expect=202)):
            self.settled(made["message_id"], "SENT", "DELIVERED", "READ")
        self.call("cancelMessage", sent, query="revoke=false", expect=409)
        self.call("cancelMessage", sent, query="revoke=x", expect=400)
        gone = self.call("cancelMessage", sent, expect=202)
        self.settled(gone["message_id"], "SENT", "DELIVERED", "READ")
        self.call("reactToMessage", "msg_none", body={"emoji": ""}, expect=404)
        self.call("reactToMessage", sent, body={}, expect=400)
        self.call("reactToMessage", gone["message_id"], body={"emoji": ""}, expect=409)
        self.call("editMessage", "msg_none", body={"content": "x"}, expect=404)
        self.call("editMessage", gone["message_id"], body={"content": "x"}, expect=409)
        self.call("editMessage", sent, body={"content": ""}, expect=400)
        shown = self.call("getMessage", sent)
        self.assertEqual(shown["content"], "Halo, Budi")
        self.assertLessEqual({"edited_at", "revoked_at"}, set(shown))
        # The other side does the same to what it has said; the events are looked at with the webhooks.
        said = self.phones.admin("POST", f"accounts/{self.peer}/say", {"to": self.number, "text": "Jam 8"})["id"]
        for deed in ({"kind": "reaction", "text": "\U0001F44D"}, {"kind": "edit", "text": "Jam 9"}, {"kind": "revoke"}):
            self.phones.admin("POST", f"accounts/{self.peer}/say", {"to": self.number, "target": said, **deed})

    def tomorrow(self):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).isoformat("T", "seconds")

    def events(self, session):
        seen = self.stream("streamEvents", query=f"after=0&session_id={session}", until_event="message.cancelled")
        for _, name, data in seen:
            self.assertEqual(data["event_type"], name)
            self.assertEqual(self.contract.event_problems(data), [], name)
        position = seen[2][0]
        again = self.stream("streamEvents", headers={"last-event-id": position}, until_event=seen[3][1])
        self.assertEqual(again[0][2]["id"], seen[3][2]["id"])
        self.call("streamEvents", query="after=x", expect=400)
        self.call("streamEvents", query="session_id=ses_none", expect=404)
        self.call("streamEvents", key=self.nobody, expect=403)
        self.call("streamEvents", key=None, expect=401)

    def groups(self, session):
        own = self.call("getSession", session)["phone_number"]
        friend = self.phones.create_account("group")
        made = self.phones.admin("POST", "groups", {"subject": "Arisan", "creator": friend, "members": [own]})["id"]
        listed = until("the group is known", lambda: self.call("listGroups", query=f"session_id={session}")["groups"])
        self.assertEqual([group["subject"] for group in listed], ["Arisan"])
        shown = self.call("getGroup", made, query=f"session_id={session}")
        self.assertEqual(len(shown["participants"]), 2)
        for operation, ids in (("listGroups", []), ("getGroup", [made])):
            self.call(operation, *ids, expect=400)
            self.call(operation, *ids, query="session_id=ses_none", expect=404)
        self.call("getGroup", "120363999999999999", query=f"session_id={session}", expect=404)

    def failed_webhooks(self):
        nowhere = f"http://user:secret@127.0.0.1:{self.dead_port()}/webhook?token=secret"
        session = self.call("createSession", body={"name": "x", "webhooks": {"status": nowhere}}, expect=201)["id"]
        failed = until("a webhook has failed", lambda: self.call("listFailedWebhooks")["webhooks"], every_s=0.1)[0]
        self.assertNotIn("secret", failed["url"])
        self.assertIn("webhook_last_error", self.call("getSession", session)["health"])
        self.call("listFailedWebhooks", query=f"session_id={session}&event_type={failed['event_type']}&state=retrying"
                                              "&since=2020-01-01T00:00:00Z&page_size=1")
        for wrong in ("state=gone", "since=x", "page_size=0", "page_size=1&page_token=x"):
            self.call("listFailedWebhooks", query=wrong, expect=400)
        self.call("listFailedWebhooks", key=self.admin)
        self.call("updateSessionWebhooks", session, body={"status": self.receiver.url})
        self.call("replayWebhook", failed["id"], body={"url": "original"})
        self.call("replayWebhook", failed["id"], body={"url": "elsewhere"}, expect=400)
        self.call("replayWebhook", failed["id"])
        self.call("replayWebhook", failed["id"], key=self.nobody, expect=403)
        until("the replay arrived", lambda: any(event["id"] == failed["event_id"]
                                                for _, event in list(self.receiver.deliveries)))
        self.call("replayWebhook", "wh_none", expect=404)
        log = self.call("listDeliveries", query=f"session_id={session}&page_size=1")["deliveries"]
        self.assertNotIn("secret", log[0]["url"])
        for wrong in ("state=gone", "until=x", "page_size=0", "page_token=x"):
            self.call("listDeliveries", query=wrong, expect=400)
        until("the log shows it", lambda: self.call("listDeliveries", query="state=delivered")["deliveries"])
        self.call("replayWebhooks", body={"session_id": session, "state": "dead"})
        self.call("replayWebhooks", body={}, expect=400)
        self.call("replayWebhooks", body={"session_id": "ses_none"}, expect=404)
        self.call("testWebhooks", session)
        self.call("testWebhooks", "ses_none", expect=404)
        bare = self.call("createSession", body={"name": "x"}, expect=201)["id"]
        self.call("testWebhooks", bare, expect=400)
        wanted = {"events": ["message.received", "session.*"], "ignore_chats": ["groups", "08123456789"],
                  "headers": {"Authorization": "Bearer secret"}}
        shown = self.call("updateSessionWebhooks", bare, body=wanted)
        self.assertEqual(shown["webhooks"]["headers"], {"Authorization": "***"})
        self.call("updateSessionWebhooks", bare, body={"events": ["message.recieved"]}, expect=400)
        self.call("getSession", bare)

    def backups(self):
        self.assertIn(b"konekwa.db", self.call("getBackup", key=self.admin, over_socket=True))
        self.call("getBackup", key=self.admin, query="media=false", over_socket=True)
        self.call("getBackup", key=self.admin, query="media=perhaps", over_socket=True, expect=400)
        self.call("getBackup", key=self.admin, expect=403)
        self.call("getBackup", over_socket=True, expect=403)

    def refusals(self, session):
        """What every operation that needs a key refuses before it does anything."""
        sender = self.new_key(self.daemon, scopes=["messages:send"])
        for operation in self.contract.operations:
            if operation.access == "public":
                continue
            ids = ["x"] * operation.path.count("{")
            self.call(operation.id, *ids, key=None, expect=401)
            self.call(operation.id, *ids, key=self.admin, headers={"x-konekwa-tenant": "to ko"}, expect=400,
                      is_let_in=False)
            if operation.access != "any key":
                lacking = self.nobody if operation.access == "messages:send" else sender
                self.call(operation.id, *ids, key=lacking, expect=403)
            if "requestBody" in operation.description:
                wrong, too_much = ("multipart/mixed; boundary=x", 200_000_000) if takes_a_file(operation) else (
                    "text/plain", 2_000_000)
                self.call(operation.id, *ids, key=self.admin, body="x", headers={"content-type": wrong}, expect=415)
                self.call(operation.id, *ids, key=self.admin, headers={"content-length": str(too_much)}, expect=413)
        narrow = self.new_key(self.daemon, sessions=["ses_other"])
        for name in ("getSession", "deleteSession", "connectSession", "resetSession", "getWebhookSecret"):
            self.call(name, session, key=narrow, expect=403)
        self.call("sendMessage", body=self.text(session, STRANGER), key=narrow, expect=403)

    def endings(self, session):
        self.call("resetSession", session)
        code = until("there is a code", lambda: self.call("getQr", session, key=None).get("qr"))
        self.phones.scan(code, self.number)
        until("it is connected", lambda: self.call("getSession", session)["status"] == "CONNECTED", every_s=0.05)
        devices = self.phones.admin("GET", f"accounts/{self.number}")["devices"]
        linked = next(device["device"] for device in devices if device["online"] and device["device"] != 0)
        self.phones.admin("DELETE", f"accounts/{self.number}/devices/{linked}")
        until("it is logged out", lambda: self.call("getSession", session)["status"] == "LOGGED_OUT", every_s=0.05)
        until("its webhook knows, before it is gone", lambda: "session.logged_out" in self.receiver.types())
        self.call("sendMessage", body=self.text(session, STRANGER), expect=409)
        for name in ("connectSession", "reconnectSession", "restartQr"):
            self.call(name, session, expect=409)
        self.call("disconnectSession", session)
        self.call("deleteSession", session)
        self.call("deleteSession", session, expect=404)
        self.call("deleteAllSessions", key=self.nobody, expect=403)
        self.call("deleteAllSessions")
        self.call("deleteAllSessions")

    def narrow_daemon(self):
        """What other settings answer."""
        daemon = self.start("narrow", "--public-qr", "signed", "--allow-bulk-delete", "false", "--queue-max", "1")
        admin = self.new_key(daemon, scopes=["admin"])
        session = self.call("createSession", body={"name": "x"}, expect=201, daemon=daemon)["id"]
        self.call("sendMessage", body=self.text(session, STRANGER), expect=202, daemon=daemon)
        self.call("sendMessage", body=self.text(session, STRANGER), expect=429, daemon=daemon)
        self.call("deleteAllSessions", expect=403, daemon=daemon)
        self.call("getSandbox", key=admin, expect=404, daemon=daemon)
        self.call("getQr", session, key=None, expect=403, daemon=daemon)

    def limits(self):
        daemon = self.start("limited", "--rate-limit", "1", "--public-rate-limit", "1")
        for operation in self.contract.operations:
            if operation.access != "public":
                self.limited(daemon, operation, "getMe", {"x-api-key": daemon.token})
            elif operation.id not in ("getHealth", "getReady"):
                self.limited(daemon, operation, "getServerStatus", {})

    def limited(self, daemon, operation, filler, headers):
        """Fills the limit by another operation, and tries again should it have emptied meanwhile."""
        ids = ["x"] * operation.path.count("{")
        for _ in range(100):
            _, filled = self.request(filler, (), "", None, headers, daemon)
            filled.read()
            if filled.status != 429:
                continue
            _, answer = self.request(operation.id, ids, "", None, headers, daemon)
            if answer.status == 429:
                self.judge(operation, answer, 429, bool(headers), str(operation))
                return
        raise AssertionError(f"{operation} is not limited")

    def webhooks(self):
        kinds = set(self.contract.document["webhooks"]) - {"message.poll_vote"}   # no phone of the sandbox votes
        until("every event came", lambda: self.receiver.types() >= kinds)
        self.assertEqual(self.receiver.types(), kinds)
        for headers, event in list(self.receiver.deliveries):
            item = self.contract.document["webhooks"][event["event_type"]]
            for parameter in map(self.contract.resolve, item["parameters"]):
                name = parameter["name"].lower()
                if parameter.get("required"):
                    self.assertIn(name, headers)
                if name in headers:
                    value = int(headers[name]) if parameter["schema"].get("type") == "integer" else headers[name]
                    self.assertEqual(self.contract.schema_problems(parameter["schema"], value), [], name)
            schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
            self.assertEqual(self.contract.schema_problems(schema, event), [], event)


if __name__ == "__main__":
    unittest.main()
