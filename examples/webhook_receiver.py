#!/usr/bin/env python3
"""Receives the webhooks of one session, checks their signatures and prints them. Needs only Python 3.

    KONEKWA_WEBHOOK_SECRET=whsec_... examples/webhook_receiver.py [PORT]

Port 0, which is also the default, takes any free one; the first line says which. The signature is the one of the
Standard Webhooks convention (https://www.standardwebhooks.com), so a library for that will do as well.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

TOLERANCE_S = 300
BODY_BYTES_MAX = 1 << 20


def is_signed(secret, headers, body):
    """Whether the body is what konekwad sent, within the last minutes."""
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # While the secret is being changed there are two signatures, parted by a space.
    return any(hmac.compare_digest(expected, given) for given in headers.get("webhook-signature", "").split(" "))


def describe(event):
    data = event.get("data", {})
    if event["event_type"] == "message.received":
        message = data["message"]
        return f"{message.get('sender')} wrote: {message.get('content')}"
    if event["event_type"] == "session.status":
        return f"{data.get('previous_status')} -> {data.get('status')}"
    return " ".join(str(data[key]) for key in ("message_id", "status") if key in data)


class Receiver(http.server.BaseHTTPRequestHandler):
    secret = os.environ.get("KONEKWA_WEBHOOK_SECRET", "")
    seen = set()  # delivery is at least once: the id says whether an event is known

    def do_POST(self):
        length = min(int(self.headers.get("content-length", 0)), BODY_BYTES_MAX)
        body = self.rfile.read(length)
        if not is_signed(self.secret, self.headers, body):
            print("refused: the signature is wrong", flush=True)
            self.answer(401)
            return
        event = json.loads(body)
        if event["id"] not in self.seen:
            self.seen.add(event["id"])
            print(f"{event['event_type']}  {describe(event)}", flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main():
    if not Receiver.secret:
        sys.exit("KONEKWA_WEBHOOK_SECRET is not set; konekwa webhooks secret SESSION prints it")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
