"""examples/journal-alert.sh, with a journalctl that shows what the test writes."""

import itertools
import json

from examples.gateway import GatewayTest, until, write_program

NUMBERS = itertools.count(6281234567851)
JOURNALCTL = """#!/bin/bash
printf '%s\\n' "$*" >>"$JOURNAL.calls"
exec tail -n +1 -f "$JOURNAL"
"""


class JournalAlert(GatewayTest):
    def setUp(self):
        super().setUp()
        self.admin = str(next(NUMBERS))
        self.make_phone(self.admin)
        self.journal = self.folder / "journal"
        self.journal.touch()
        self.state = self.folder / "state"
        self.lines = 0
        write_program(self.path / "journalctl", JOURNALCTL)

    def start(self, **more):
        return self.start_example("journal-alert.sh", **{
            "JOURNAL": str(self.journal), "JOURNAL_ALERT_STATE": str(self.state), "ADMIN": self.admin, **more})

    def log(self, message, priority="3"):
        self.lines += 1
        entry = {"__CURSOR": f"s=1;i={self.lines}", "PRIORITY": priority, "_SYSTEMD_UNIT": "konekwad.service",
                 "MESSAGE": message}
        with self.journal.open("a") as journal:
            journal.write(json.dumps(entry) + "\n")

    def wait_until_read(self):
        cursor = f"s=1;i={self.lines}\n"
        until("all is read", lambda: self.state.exists() and self.state.read_text() == cursor)

    def alerts(self):
        """What has come, each without its beginning."""
        sent = json.loads(self.konekwa("messages", "list", "--recipient", self.admin, "--json"))["total_count"]
        texts = self.wait_for_texts(self.admin, sent) if sent else []
        return [text.partition(": ")[2] for text in texts]

    def test_each_kind_of_error_is_told_once(self):
        self.start()
        for message, priority in (("store: a transaction failed: 5", "3"), ("session: toko: hm", "4"),
                                  ("store: a transaction failed: 77", "3"), ("http: GET /x (request req_1a2): e", "3"),
                                  ("http: GET /x (request req_9b): e", "3"), ("sandbox: ready", "6")):
            self.log(message, priority)
        self.wait_until_read()
        self.assertEqual(self.alerts(), ["store: a transaction failed: 5", "http: GET /x (request req_1a2): e"])

    def test_it_asks_the_journal_for_errors_and_goes_on_where_it_was(self):
        write_program(self.path / "date", "#!/bin/sh\necho 2026-03-10-09\n")   # an hour that does not end meanwhile
        process = self.start()
        self.log("store: one")
        self.wait_until_read()
        process.kill()
        process.wait()
        self.start()
        calls = self.folder / "journal.calls"
        first, second = until("it asks again", lambda: len(calls.read_text().splitlines()) == 2 and
                              calls.read_text().splitlines())
        usual = "--unit=konekwad --priority=err --output=json --follow "
        self.assertEqual((first, second), (usual + "--lines=0", usual + "--no-tail --after-cursor=s=1;i=1"))
        self.log("store: two")
        self.wait_until_read()
        self.assertEqual(self.alerts(), ["store: one", "store: two"], "told again, but sent once, for its key")

    def test_it_makes_no_loop_of_its_own_alerts(self):
        self.start(ALERTS_MAX="3")
        self.log("store: begin")
        self.wait_until_read()
        message = self.konekwa("messages", "list", "--recipient", self.admin, "-q").strip()
        self.log(f"session: toko: {message} cannot be sent")
        for letter in "abcdefgh":
            self.log(f"session: toko: alert {letter} cannot be sent")
        self.wait_until_read()
        self.assertEqual(self.alerts(), ["store: begin", "session: toko: alert a cannot be sent",
                                         "session: toko: alert b cannot be sent\n(Batas peringatan per jam tercapai; "
                                         "selanjutnya lihat journalctl -u konekwad.)"])

    def test_octets_that_are_no_text_and_lines_that_are_no_json(self):
        self.start()
        self.log([115, 116, 111, 114, 101, 58, 32, 255])
        with self.journal.open("a") as journal:
            journal.write("{\n")
        self.log(None)
        self.log("msg_01")
        self.log("store: `id` $(id)\nand more")
        self.wait_until_read()
        self.assertEqual(len(self.alerts()), 3)
        self.assertEqual(self.alerts()[-1], "store: `id` $(id)\\nand more")
        self.assertTrue(self.alerts()[0].startswith("store: "))

    def test_another_program_can_take_the_alerts(self):
        self.start(ALERT_COMMAND="cat >>told", ADMIN="")
        self.log("store: begin")
        self.wait_until_read()
        self.assertIn(": store: begin\n", (self.folder / "told").read_text())
        self.assertEqual(self.alerts(), [])

    def test_it_waits_for_a_gateway_that_is_away(self):
        self.daemon.stop()
        self.start()
        self.log("store: the database is broken")
        until("it has tried", lambda: "not reachable" in (self.folder / "journal-alert.sh.log").read_text())
        self.start_gateway()
        self.wait_until_read()
        self.assertEqual(self.alerts(), ["store: the database is broken"])

    def test_exit_codes(self):
        self.assertEqual(self.run_example("journal-alert.sh").returncode, 2)
        process = self.start()
        self.log("store: begin")
        self.wait_until_read()
        process.terminate()
        self.assertEqual(process.wait(20), 0)
        write_program(self.path / "journalctl", "#!/bin/sh\n")
        self.assertEqual(self.start().wait(20), 1)
