"""What the README shows first: one program with the simulated network inside, and the CLI."""

from programs import ProcessTest, until


class Quickstart(ProcessTest):
    def test_link_send_and_receive_with_the_cli_alone(self):
        daemon = self.konekwad(sandbox="inside").start()
        session = daemon.cli("sessions", "create", "--name", "Toko Maju")
        self.assertEqual(session["status"], "CREATED")

        daemon.cli("sandbox", "scan", "--session", session["id"])
        daemon.wait_connected(session["id"])
        number = daemon.cli("sessions", "show", session["id"])["phone_number"]
        customer = daemon.cli("sandbox", "phone", "--name", "Penjual")["phone_number"]

        sent = daemon.cli("send", "--session", session["id"], "--to", customer, "--text", "Halo!",
                          "--wait", "delivered")
        self.assertIn(sent["status"], ("DELIVERED", "READ"))
        inbox = daemon.cli("sandbox", "inbox", customer, "--wait", "1")
        texts = [message["text"] for message in inbox["messages"]]
        self.assertEqual(texts, ["Halo!"])

        daemon.cli("sandbox", "say", "--from", customer, "--to", number, "--text", "Masih ada?")
        received = until("the answer is listed", lambda: [message for message in daemon.messages(session["id"])
                                                          if message["direction"] == "INBOUND"])
        self.assertEqual([(message["content"], message["sender"]) for message in received], [("Masih ada?", customer)])
        self.assertEqual(daemon.program.stop(), 0)
