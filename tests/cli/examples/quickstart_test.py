"""examples/quickstart.sh does what it says, with built programs."""

import os
import re
import subprocess
import unittest

from transcript_test import BINARIES, ROOT

LIMIT_S = 120


class Quickstart(unittest.TestCase):
    def test_it_links_sends_and_receives(self):
        environment = {**os.environ, "KONEKWA_BIN_DIR": str(BINARIES), "LC_ALL": "C.UTF-8"}
        done = subprocess.run([ROOT / "examples/quickstart.sh"], capture_output=True, text=True, timeout=LIMIT_S,
                              check=False, env=environment, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for line in (r"msg_\w+  DELIVERED", r"message\.received  \d+ wrote: Terima kasih",
                     r"session\.status  CONNECTING -> CONNECTED", r"== Done"):
            self.assertRegex(done.stdout, line)
        self.assertNotIn("refused", done.stdout)

    def test_packages_are_listed_once_a_line(self):
        lines = (ROOT / "packaging/debian-packages.txt").read_text().splitlines()
        names = [line.split()[0] for line in lines if not line.startswith("#")]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertTrue(re.fullmatch(r"[a-z0-9.+-]+", name), name)
