"""examples/send-otp.sh: its exit codes, and that nobody else on the machine sees the code."""

import re

from examples.gateway import BINARIES, CUSTOMER, NOBODY, GatewayTest, write_program

# Stands before a program on the PATH and writes down what the list of processes would show of it.
SPY = """#!/bin/bash
printf '%s\\n' "$0 $*" >>"$SEEN"
exec "{program}" "$@"
"""
SPIED = {"konekwa": BINARIES / "konekwa", **{name: f"/usr/bin/{name}" for name in
                                             ("shuf", "xargs", "printf", "echo", "env", "sed", "tr", "awk")}}


class Otp(GatewayTest):
    def test_the_code_that_is_printed_arrives(self):
        done = self.run_example("send-otp.sh", CUSTOMER)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\A\d{6}\n\Z")
        self.assertIn(f"Kode Anda: {done.stdout.strip()}. ", self.wait_for_texts(CUSTOMER, 1)[-1])

    def test_a_number_that_is_not_on_whatsapp_is_3(self):
        done = self.run_example("send-otp.sh", NOBODY)
        self.assertEqual((done.returncode, done.stdout), (3, ""))

    def test_everything_else_is_1(self):
        for words, more in ([[CUSTOMER], {"KONEKWA_URL": "unix:///nowhere"}], [[CUSTOMER], {"KONEKWA_SESSION": "x"}],
                            [["salah"], {}], [[], {}]):
            done = self.run_example("send-otp.sh", *words, **more)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertNotEqual(done.stderr, "")

    def test_without_chance_there_is_no_code(self):
        write_program(self.path / "shuf", "#!/bin/sh\nexit 1\n")
        done = self.run_example("send-otp.sh", CUSTOMER)
        self.assertEqual((done.returncode, done.stdout), (1, ""))

    def test_the_code_is_in_no_list_of_processes(self):
        for name, program in SPIED.items():
            write_program(self.path / name, SPY.format(program=program))
        seen = self.folder / "seen"
        code = self.run_example("send-otp.sh", CUSTOMER, SEEN=str(seen)).stdout.strip()
        self.assertRegex(code, r"\A\d{6}\Z")
        lines = seen.read_text()
        self.assertRegex(lines, r"konekwa send --session toko")
        self.assertFalse(re.search(rf"\b0*{int(code)}\b", lines), lines)
