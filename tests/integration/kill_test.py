"""kill -9 of konekwad in the middle of bursts: what was accepted arrives once and in order, what phones said makes one
event each. KONEKWA_KILLS says how often; the moments follow from KONEKWA_SEED."""

import os
import random
import threading
import time

from programs import HttpFailure, ProcessTest, until

KILLS = int(os.environ.get("KONEKWA_KILLS", "6"))
SEED = int(os.environ.get("KONEKWA_SEED", str(random.randrange(1_000_000))))
BURST = 25
UNDER_WAY_MAX = 16  # deliveries to the receiver's two URLs, which are the same, at a moment


class KillInTheMiddle(ProcessTest):
    def setUp(self):
        super().setUp()
        self.net = self.sandbox()
        self.webhooks = self.receiver()
        self.daemon = self.konekwad(sandbox=self.net, rate_limits=False).start()
        self.session = self.daemon.create_session("Toko", self.webhooks.url)
        self.number = self.daemon.link(self.session, self.net)
        self.phone = self.net.create_account("Penjual")
        self.accepted, self.said, self.errors = [], [], []

    def send_through_crashes(self, text):
        """Asks with one idempotency key until there is an answer."""
        key = text.replace(" ", "-")
        while True:
            try:
                self.accepted.append((self.daemon.send(self.session, self.phone, text, key), text))
                return
            except HttpFailure as failure:
                if failure.status != 503:
                    raise
            except OSError:
                pass
            time.sleep(0.01)

    def burst(self, say, texts):
        try:
            for text in texts:
                say(text)
        except Exception as error:  # shown by the main thread
            self.errors.append(error)

    def say(self, text):
        self.net.say(self.phone, self.number, text)
        self.said.append(text)

    def play_round(self, number, moment_s):
        bursts = [(self.send_through_crashes, [f"out {number}.{i}" for i in range(BURST)]),
                  (self.say, [f"in {number}.{i}" for i in range(BURST)])]
        threads = [threading.Thread(target=self.burst, args=burst) for burst in bursts]
        for thread in threads:
            thread.start()
        time.sleep(moment_s)
        self.daemon.crash()
        for thread in threads:
            thread.join(60)
        self.assertEqual(self.errors, [])

    def phone_texts(self):
        inbox = self.net.inbox(self.phone)
        return [(message["id"], message["text"]) for message in inbox if not message.get("from_me")]

    def reported(self):
        return [data["message"]["content"] for data in self.webhooks.of("message.received")]

    def test_nothing_is_lost_doubled_or_reordered(self):
        chance = random.Random(SEED)
        print(f"seed {SEED}, {KILLS} kills", flush=True)
        for number in range(KILLS):
            self.play_round(number, chance.uniform(0.0, 0.4))
        until("the phone has every text", lambda: len(self.phone_texts()) >= len(self.accepted), timeout_s=60)
        until("every text of the phone is reported", lambda: len(self.reported()) >= len(self.said), timeout_s=60)
        until("every message is DELIVERED", self.all_delivered, timeout_s=60)

        stored = {message["id"]: message for message in self.daemon.messages(self.session)}
        expected = [(stored[message_id]["wa_message_id"], text) for message_id, text in self.accepted]
        self.assertEqual(self.phone_texts(), expected)
        self.assertEqual(self.reported(), self.said)
        inbound = [message["content"] for message in stored.values() if message["direction"] == "INBOUND"]
        self.assertEqual(inbound, self.said)
        # When an ack was lost in a crash, the receipt may be the first to say that a message has left.
        accepted = sorted(message_id for message_id, _ in self.accepted)
        sent = sorted(data["message_id"] for data in self.webhooks.of("message.sent"))
        self.assertEqual(len(sent), len(set(sent)))
        self.assertLessEqual(set(sent), set(accepted))
        self.assertEqual(sorted(data["message_id"] for data in self.webhooks.of("message.delivered")), accepted)
        self.assertEqual(self.net.violations(), [])
        self.check_events()

    def check_events(self):
        """Each event that was made has come, under the id that it was made with, and no other. It comes again when a
        kill falls between the receiver's answer and the commit of the result: at most what was under way then."""
        until("nothing is owed any more", lambda: not (self.deliveries("queued") or self.deliveries("retrying")),
              timeout_s=60)
        made = self.deliveries()
        self.assertEqual(set(made.values()), {"delivered"})
        came = [event["id"] for event in self.webhooks.events if event["event_type"].startswith("message.")]
        self.assertEqual(sorted(came), sorted(made))
        repeated = sum(times - 1 for times in self.webhooks.times.values())
        print(f"{len(made)} events, {repeated} of them came again", flush=True)
        self.assertLessEqual(repeated, KILLS * UNDER_WAY_MAX)

    def deliveries(self, state=None):
        """The state of each delivery by the id of its event."""
        found, token = {}, ""
        of = f"session_id={self.session}&page_size=100" + (f"&state={state}" if state else "")
        while True:
            page = self.daemon.api("GET", f"/v1/webhooks/deliveries?{of}{token}")
            found.update({row["event_id"]: row["state"] for row in page["deliveries"]
                          if row["event_type"].startswith("message.")})
            if "next_page_token" not in page:
                return found
            token = f"&page_token={page['next_page_token']}"

    def all_delivered(self):
        delivered = {data["message_id"] for data in self.webhooks.of("message.delivered")}
        return len(delivered) >= len(self.accepted)
