"""What Nagios and Icinga run: examples/alert.sh and examples/check-konekwa.sh."""

import json

from examples.gateway import CUSTOMER, GatewayTest, until, write_program

DISK = ("PROBLEM", "db-1", "disk", "CRITICAL", "1774506600-1", "DISK CRITICAL - \"2%\" free; $HOME `id`")


class Alert(GatewayTest):
    def test_a_repeated_run_sends_once_and_the_next_notification_again(self):
        for _ in range(2):
            self.assertEqual(self.run_example("alert.sh", CUSTOMER, *DISK).returncode, 0)
        later = (*DISK[:4], "1774506600-2", DISK[5])
        for words in (later, ("RECOVERY", "db-1", "", "UP", "1774509900-0", "PING OK")):
            self.assertEqual(self.run_example("alert.sh", CUSTOMER, *words).returncode, 0)
        problem = "🔴 Masalah: disk di db-1 CRITICAL\n" + DISK[5]
        self.assertEqual(self.wait_for_texts(CUSTOMER, 3), [problem, problem, "🟢 Pulih: db-1 UP\nPING OK"])

    def test_it_waits_for_a_gateway_that_is_away(self):
        self.make_phone("6281234567801")
        self.daemon.stop()
        program = self.start_example("alert.sh", "6281234567801", *DISK)
        until("it has tried", lambda: "not reachable" in (self.folder / "alert.sh.log").read_text())
        self.start_gateway()
        self.assertEqual(program.wait(30), 0)
        self.assertEqual(len(self.wait_for_texts("6281234567801", 1)), 1)

    def test_what_the_gateway_does_not_take_is_1(self):
        away = self.run_example("alert.sh", CUSTOMER, *DISK, ALERT_PATIENCE="0", KONEKWA_URL="unix:///nowhere")
        self.assertEqual(away.returncode, 1)
        self.assertEqual(self.run_example("alert.sh", "salah", *DISK).returncode, 1)

    def test_wrong_arguments_are_2(self):
        self.assertEqual(self.run_example("alert.sh", CUSTOMER, *DISK[:5]).returncode, 2)
        self.assertEqual(self.run_example("alert.sh", "", *DISK).returncode, 2)


class Check(GatewayTest):
    def check(self, *words, **more):
        done = self.run_example("check-konekwa.sh", *words, **more)
        self.assertRegex(done.stdout, r"\AKONEKWA (OK|WARNING|CRITICAL|UNKNOWN) - [^\n]+\n\Z", done.stderr)
        return done.returncode, done.stdout

    def test_all_is_well(self):
        self.konekwa("sessions", "create", "--name", "Belum dipindai", "--id", "baru")
        code, line = self.check("-s", "toko", "-w", "60", "-c", "120")
        self.assertEqual(code, 0)
        self.assertEqual(line, "KONEKWA OK - 1 of 1 sessions connected | connected=1;;;0;1 oldest_message=0s;60;120;0 "
                               "webhooks_pending=0;;;0 oldest_webhook=0s;60;120;0\n")
        self.assertEqual(self.check()[0], 0, "one that was never linked is no trouble")
        code, line = self.check("-s", "baru", "-s", "Toko Maju", "-s", "hilang")
        self.assertEqual(code, 2)
        self.assertRegex(line, r"CRITICAL - Belum dipindai \(baru\) is \w+, \S+; there is no session hilang \|")
        self.assertIn("connected=1;;;0;2", line)

    def test_what_waits_too_long_is_a_warning_then_critical(self):
        self.konekwa("sessions", "disconnect", "toko")
        self.addCleanup(self.konekwa, "sessions", "connect", "toko")
        self.konekwa("send", "--session", "toko", "--to", CUSTOMER, "--text", "Halo")
        code, line = until("it waits for more than 0 s", lambda: (seen := self.check("-w", "0"))[0] == 1 and seen)
        self.assertRegex(line, r"WARNING - a message waits for \d+ s \|.* oldest_message=[1-9]\d*s;0;1800;0 ")
        self.assertEqual(self.check("-w", "0", "-c", "0")[0], 2)
        self.assertEqual(self.check()[0], 0)
        code, line = self.check("-s", "toko")
        self.assertEqual(code, 2)
        self.assertIn("Toko Maju (toko) is DISCONNECTED, USER_REQUEST", line)

    def test_a_gateway_that_is_away_is_critical(self):
        self.assertEqual(self.check(KONEKWA_URL="unix:///nowhere"),
                         (2, "KONEKWA CRITICAL - the gateway is not reachable\n"))

    def test_what_it_cannot_know_is_unknown(self):
        key = json.loads(self.konekwa("tokens", "create", "--name", "kasir", "--scope", "messages:send", "--json"))
        self.assertEqual(self.check(KONEKWA_API_KEY=key["token"])[0], 3)
        self.assertEqual(self.check("-w", "lama")[0], 3)
        self.assertEqual(self.check("-x")[0], 3)
        write_program(self.path / "konekwa", "#!/bin/sh\necho '<html>'\n")
        self.assertEqual(self.check()[0], 3)
