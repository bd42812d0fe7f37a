"""examples/ as a whole: each file is listed where somebody looks for it, and says how it is used."""

import os
import re
import subprocess
import unittest

from examples.gateway import EXAMPLES, ROOT

# quickstart.sh builds the tree that it is in; konekwad brings one receiver.
NOT_PACKAGED = {"quickstart.sh", "webhook_receiver.js", "webhook_receiver.php"}
FILES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())
SCRIPTS = [name for name in FILES if name.endswith(".sh")]


class Listed(unittest.TestCase):
    def test_in_the_readme(self):
        linked = re.findall(r"\[([^]]+)\]\(\1\)", (EXAMPLES / "README.md").read_text())
        self.assertCountEqual([*linked, "README.md"], FILES)

    def test_in_one_package(self):
        packaged = [line for package in ("konekwa", "konekwad")
                    for line in (ROOT / f"packaging/debian/{package}.examples").read_text().split()]
        self.assertCountEqual(packaged, [f"examples/{name}" for name in FILES if name not in NOT_PACKAGED])

    def test_scripts_say_how_they_are_used(self):
        for name in SCRIPTS:
            text = (EXAMPLES / name).read_text()
            self.assertTrue(os.access(EXAMPLES / name, os.X_OK), name)
            self.assertTrue(text.startswith("#!/usr/bin/env bash\n# "), name)
            header = text.partition("\nset -euo pipefail\n")[0]
            self.assertEqual([line for line in header.splitlines()[1:] if not line.startswith("#")], [], name)
            self.assertIn(name, header)
            if name not in NOT_PACKAGED:
                self.assertRegex(header, r"Exit code 0: ", name)

    def test_scripts_are_bash_that_can_be_read(self):
        for name in SCRIPTS:
            subprocess.run(["bash", "-n", EXAMPLES / name], check=True)
