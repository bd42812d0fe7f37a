"""examples/invoices.sh: a table becomes messages, each once, also when it is killed in the middle."""

import csv
import shutil
import signal

from examples.gateway import BINARIES, EXAMPLES, NOBODY, GatewayTest, until, write_program

FIRST, SECOND, THIRD = (f"62812345678{n}" for n in (90, 91, 92))   # those of examples/invoices.csv
HEADER = "faktur,nomor,nama,jumlah,jatuh_tempo,berkas\n"
# konekwa that gets stuck once it has sent for the second time, before anybody can write that down.
STUCK = """#!/bin/bash
"{konekwa}" "$@" || exit
[[ $1 == send && " $* " == *" --reference "* ]] || exit 0
echo sent >>"$SEEN"
(($(wc -l <"$SEEN") < 2)) || exec tail -f /dev/null
"""


class Invoices(GatewayTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number in (FIRST, SECOND, THIRD):
            cls.make_phone(number)

    def setUp(self):
        super().setUp()
        self.table = self.folder / "tagihan.csv"
        self.report = self.folder / "tagihan.report.csv"
        self.before = {number: len(self.texts(number)) for number in (FIRST, SECOND, THIRD)}

    def write(self, *rows):
        self.table.write_text(HEADER + "".join(row + "\n" for row in rows))

    def run_invoices(self, *words, **more):
        return self.run_example("invoices.sh", *words, self.table, **more)

    def reported(self):
        return [(row["faktur"], row["status"], row["galat"])
                for row in csv.DictReader(self.report.read_text().splitlines())]

    def got(self, number):
        return self.texts(number)[self.before[number]:]

    def test_a_dry_run_sends_nothing_then_each_gets_theirs_once(self):
        shutil.copy(EXAMPLES / "invoices.csv", self.table)
        done = self.run_invoices("--dry-run")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(f"INV-2026-0102  {SECOND}  (teks)\n", done.stdout)
        self.assertFalse(self.report.exists())
        self.assertEqual(self.konekwa("messages", "list", "--direction", "sent", "--reference", "INV-2026-0101", "-q"),
                         "")
        for _ in range(2):
            self.assertEqual(self.run_invoices().returncode, 0)
        self.assertEqual(self.reported(), [(f"INV-2026-010{n}", "SENT", "") for n in (1, 2, 3)])
        self.assertEqual(self.got(SECOND), ["Yth. Ani, Toko Sinar, tagihan INV-2026-0102 sebesar Rp1.250.000 jatuh "
                                            "tempo 10 Desember 2026. Terima kasih."])
        self.assertEqual((len(self.got(FIRST)), len(self.got(THIRD))), (1, 1))

    def test_killed_in_the_middle_and_run_again_it_sends_nothing_twice(self):
        self.write(f"K1,{FIRST},A,Rp1,1 Mei,", f"K2,{SECOND},B,Rp2,1 Mei,", f"K3,{THIRD},C,Rp3,1 Mei,")
        write_program(self.path / "konekwa", STUCK.format(konekwa=BINARIES / "konekwa"))
        seen = self.folder / "seen"
        process = self.start_example("invoices.sh", self.table, SEEN=str(seen))
        until("two are sent", lambda: seen.exists() and seen.read_text().count("sent") == 2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.reported(), [("K1", "SENT", "")])
        (self.path / "konekwa").unlink()
        self.assertEqual(self.run_invoices().returncode, 0)
        self.assertEqual(self.reported(), [(invoice, "SENT", "") for invoice in ("K1", "K2", "K3")])
        for number in (FIRST, SECOND, THIRD):
            self.assertEqual(len(self.got(number)), 1)
        self.report.unlink()
        self.write(f"K1,{FIRST},A,Rp9,1 Mei,", f"K2,{SECOND},B,Rp9,1 Mei,", f"K3,{THIRD},C,Rp9,1 Mei,")
        self.assertEqual(self.run_invoices().returncode, 0, "a report that is lost is made again")
        self.assertEqual(self.reported(), [(invoice, "SENT", "") for invoice in ("K1", "K2", "K3")])
        self.assertEqual(len(self.got(SECOND)), 1)

    def test_a_document_goes_with_the_text_below_it(self):
        (self.folder / "D1.pdf").write_bytes(b"%PDF-1.4\n% Faktur\n")
        self.write(f"D1,{FIRST},Budi,Rp1,1 Mei,D1.pdf")
        self.assertEqual(self.run_invoices().returncode, 0)
        row = self.konekwa("sandbox", "inbox", FIRST, "--json")
        self.assertIn('"filename":"D1.pdf"', row)
        self.assertIn("Yth. Budi, tagihan D1 sebesar Rp1", self.got(FIRST)[-1])

    def test_rows_that_fail_are_reported_and_can_be_corrected(self):
        self.write(f"R1,{NOBODY},A,Rp1,1 Mei,", "R2,salah,B,Rp2,1 Mei,", f"R3,{THIRD},C,Rp3,1 Mei,")
        self.assertEqual(self.run_invoices().returncode, 1)
        failed = [("R1", "FAILED", "RECIPIENT_NOT_ON_WHATSAPP"), ("R2", "FAILED", "INVALID_RECIPIENT")]
        self.assertEqual(self.reported(), [*failed, ("R3", "SENT", "")])
        self.write(f"R1,{FIRST},A,Rp1,1 Mei,", f"R2,{SECOND},B,Rp2,1 Mei,", f"R3,{THIRD},C,Rp3,1 Mei,")
        self.assertEqual(self.run_invoices().returncode, 0)
        self.assertEqual(self.reported()[3:], [("R1", "SENT", ""), ("R2", "SENT", "")])
        self.assertEqual(len(self.got(THIRD)), 1)

    def test_a_table_that_cannot_be_used_sends_nothing(self):
        good = f"T1,{FIRST},A,Rp1,1 Mei,"
        for row, told in ((good, "more than once in the table: T1"), (f",{FIRST},A,Rp1,1 Mei,", "faktur"),
                          (f"T2,{FIRST},A,Rp1,1 Mei,hilang.pdf", "cannot read"), ("T2,1", "line 3 has 2")):
            self.write(good, row)
            done = self.run_invoices()
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(told, done.stderr)
        self.assertEqual(self.got(FIRST), [])
        self.assertEqual(self.run_example("invoices.sh").returncode, 2)
        self.assertEqual(self.run_example("invoices.sh", "hilang.csv").returncode, 2)

    def test_without_whatsapp_it_stops_and_goes_on_later(self):
        self.write(f"W1,{FIRST},A,Rp1,1 Mei,", f"W2,{SECOND},B,Rp2,1 Mei,")
        self.konekwa("sessions", "disconnect", "toko")
        for _ in range(2):
            done = self.run_invoices(WAIT_MAX="100ms")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("stopped at W1", done.stderr)
        self.konekwa("sessions", "connect", "toko")
        self.assertEqual(self.run_invoices().returncode, 0)
        self.assertEqual(self.reported(), [("W1", "SENT", ""), ("W2", "SENT", "")])
        self.assertEqual((len(self.got(FIRST)), len(self.got(SECOND))), (1, 1))

    def test_a_gateway_that_is_away_stops_it(self):
        self.write(f"S1,{FIRST},A,Rp1,1 Mei,")
        self.assertEqual(self.run_invoices(KONEKWA_URL="unix:///nowhere").returncode, 3)
        self.assertFalse(self.report.exists())
