"""A 202 is a promise on disk, and an idempotency key is part of it."""

from programs import ProcessTest


class AcceptedIsDurable(ProcessTest):
    def test_a_message_accepted_just_before_a_crash_is_there_after_it(self):
        daemon = self.konekwad().start()
        session = daemon.create_session("Toko")
        for round_number in range(5):
            accepted = [daemon.send(session, "6281234567890", f"text {round_number}.{i}") for i in range(4)]
            daemon.crash()
            stored = [message["id"] for message in daemon.messages(session)]
            self.assertEqual(stored[-4:], accepted)

    def test_the_same_key_after_a_crash_gets_the_same_answer(self):
        daemon = self.konekwad().start()
        session = daemon.create_session("Toko")
        first = daemon.send(session, "6281234567890", "once", key="order-771")
        daemon.crash()
        self.assertEqual(daemon.send(session, "6281234567890", "once", key="order-771"), first)
        self.assertEqual([message["id"] for message in daemon.messages(session)], [first])
