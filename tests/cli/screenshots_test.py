"""The pictures of README.md are what konekwa shows: made once more they say the same, and the code in them is one."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from transcript_test import ROOT

SVG = "{http://www.w3.org/2000/svg}"
BYTES_MAX = 60_000
LIMIT_S = 120
# What differs from run to run, and from machine to machine: ids, times, how the machine is.
CHANGES = re.compile(r"\b(msg|wh)_\w+|\d{4}-\d\d-\d\dT[\d:]+Z|\d+ s,|^(ok|warning|skipped|failed)$")


def texts(path):
    """What it says: a list for each frame, in the order of rows and without what changes."""
    frames = xml.etree.ElementTree.parse(path).getroot().findall(f"{SVG}g")
    return [sorted(CHANGES.sub("", text.text) for text in frame.iter(f"{SVG}text")) for frame in frames]


@unittest.skipUnless(shutil.which("tmux"), "tmux is not installed")
class Pictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-pictures-"))
        script = pathlib.Path(__file__).with_name("screenshots.py")
        subprocess.run([sys.executable, script, cls.folder], check=True, timeout=LIMIT_S)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, ignore_errors=True)

    def test_those_of_the_readme_still_show_what_there_is(self):
        self.assertEqual(*({path.name for path in folder.iterdir()} for folder in (self.folder, ROOT / "docs")))
        for made in self.folder.iterdir():
            with self.subTest(picture=made.name):
                self.assertEqual(texts(ROOT / "docs" / made.name), texts(made), "run tests/cli/screenshots.py")

    def test_they_show_how_it_goes(self):
        *_, last = texts(self.folder / "pair.svg")
        self.assertLessEqual({"CONNECTED", "DELIVERED", '"Terima kasih!"'}, set(last))
        screen, = texts(self.folder / "send.svg")
        self.assertLessEqual({"DELIVERED", "Pesanan Anda siap diambil", "dead"}, set(screen))

    def test_the_readme_has_them_and_they_are_small(self):
        readme = (ROOT / "README.md").read_text()
        for path in (ROOT / "docs").iterdir():
            self.assertIn(f"(docs/{path.name})", readme)
            self.assertLess(path.stat().st_size, BYTES_MAX)

    def test_they_tell_nothing_of_the_machine(self):
        for path in self.folder.iterdir():
            text = path.read_text()
            for word in (str(self.folder.parent) + "/", str(ROOT), os.uname().nodename + ":", "/root", "/home"):
                self.assertNotIn(word, text)

    def test_the_code_can_be_read(self):
        if not shutil.which("rsvg-convert") or not shutil.which("zbarimg"):
            self.skipTest("rsvg-convert or zbarimg is not installed")
        for folder in (self.folder, ROOT / "docs"):
            image = self.folder / "pair.png"
            subprocess.run(["rsvg-convert", "-o", image, folder / "pair.svg"], check=True, timeout=LIMIT_S)
            done = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", image], check=True,
                                  capture_output=True, timeout=LIMIT_S)
            image.unlink()
            self.assertRegex(done.stdout.decode(), r"^https://wa\.me/settings/linked_devices#2@\S{100,}\n$")


if __name__ == "__main__":
    unittest.main()
