"""The QR code as a camera sees it: what konekwa draws is painted as pixels, on a dark and on a light theme, and read by
zbar; and what a terminal shows of it while it is followed, by tmux."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from transcript_test import BINARIES, Daemon

CELL_WIDTH, CELL_HEIGHT = 8, 16
DARK_THEME = ((0x1E, 0x1E, 0x1E), (0xD4, 0xD4, 0xD4))     # ground, letters
LIGHT_THEME = ((0xFD, 0xF6, 0xE3), (0x58, 0x6E, 0x75))
PALETTE = {16: (0, 0, 0), 231: (255, 255, 255)}
# The upper and the lower half of a cell, by its letter.
HALVES = {" ": lambda back, front: (back, back), "▀": lambda back, front: (front, back),
          "▄": lambda back, front: (back, front), "█": lambda back, front: (front, front),
          "#": lambda back, front: (front, front)}
WAIT_S = 20
SHELL = 'konekwa qr "$1"; echo done; exec sleep 1000'


def cells(text, theme):
    """Lines of (letter, ground colour, letter colour), by the SGR sequences that konekwa uses."""
    ground, letters = theme
    for line in text.splitlines():
        row, back, front = [], ground, letters
        for sequence, letter in re.findall(r"\x1b\[([\d;]*)m|(.)", line):
            if letter:
                row.append((letter, back, front))
                continue
            numbers = [int(number or 0) for number in sequence.split(";")]
            if numbers == [0]:
                back, front = ground, letters
            while len(numbers) >= 3:
                kind, _, colour, *numbers = numbers
                back, front = (back, PALETTE[colour]) if kind == 38 else (PALETTE[colour], front)
        yield row


def pixels(rows):
    """A picture as zbarimg reads it, of rows of colours."""
    return b"P6 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(bytes(colour) for row in rows for colour in row)


def painted(text, theme):
    """The lines as a terminal paints them, with a margin of its own colour."""
    margin, rows = 32, []
    lines = list(cells(text, theme))
    columns = max(map(len, lines))
    for line in lines:
        line += [(" ", theme[0], theme[0])] * (columns - len(line))
        halves = [HALVES[letter](back, front) for letter, back, front in line]
        for half in (0, 1):
            row = [colours[half] for colours in halves for _ in range(CELL_WIDTH)]
            rows += [[theme[0]] * margin + row + [theme[0]] * margin] * (CELL_HEIGHT // 2)
    edge = [[theme[0]] * len(rows[0])] * margin
    return pixels(edge + rows + edge)


class WithSession(unittest.TestCase):
    """konekwad with its sandbox, and a session that waits to be scanned."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-qr-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.daemon = Daemon(self.folder)
        self.addCleanup(self.daemon.stop)
        self.daemon.wait_until_it_listens()
        self.environment = {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                            "TERM": "xterm-256color", "KONEKWA_URL": f"unix://{self.daemon.socket}"}
        for name in ("toko", "dua"):
            self.konekwa("sessions", "create", "--name", name, "--id", name)

    def konekwa(self, *words, **variables):
        done = subprocess.run(["konekwa", *words], env={**self.environment, **variables}, capture_output=True,
                              timeout=60, check=True, stdin=subprocess.DEVNULL)
        return done.stdout


@unittest.skipUnless(shutil.which("zbarimg"), "zbarimg is not installed")
class Cameras(WithSession):
    def read(self, picture, name):
        path = self.folder / name
        path.write_bytes(picture)
        done = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", path], capture_output=True,
                              timeout=60, check=False)
        return done.stdout.decode().strip()

    def drawn_and_sent(self, *words, **variables):
        """What is drawn, and the text of the same code: asked before and after, since codes change."""
        for _ in range(3):
            before = self.konekwa("qr", "toko", "-q")
            drawn = self.konekwa("qr", "toko", *words, **variables)
            if self.konekwa("qr", "toko", "-q") == before:
                return drawn, before.decode().strip()
        raise AssertionError("the code changes all the time")

    def test_it_is_read_on_every_theme_in_every_form(self):
        forms = {"UTF-8": ((), {"CLICOLOR_FORCE": "1"}, "▀"),
                 "256 colours": ((), {"CLICOLOR_FORCE": "1", "LC_ALL": "C"}, "\x1b[38;5;231;48;5;16m"),
                 "ASCII": ((), {"NO_COLOR": "1"}, "##")}
        for theme_name, theme in (("dark", DARK_THEME), ("light", LIGHT_THEME)):
            for form, (words, variables, mark) in forms.items():
                if (theme_name, form) == ("dark", "ASCII"):
                    words = ("--invert",)   # letters are light there, and nothing else can be painted
                with self.subTest(theme=theme_name, form=form):
                    drawn, text = self.drawn_and_sent(*words, **variables)
                    drawn = drawn.decode()
                    self.assertIn(mark, drawn)
                    self.assertEqual(self.read(painted(drawn, theme), "code.ppm"), text)

    def test_the_picture_is_read(self):
        picture, text = self.drawn_and_sent("--png", "-")
        self.assertEqual(self.read(picture, "code.png"), text)

    def test_the_drawing_is_read(self):
        drawing, text = self.drawn_and_sent("--svg", "-")
        side = int(re.search(rb'viewBox="0 0 (\d+) ', drawing).group(1))
        dark = {(int(x) + step, int(y)) for x, y, length in re.findall(rb"M(\d+) (\d+)h(\d+)v1h-\d+z", drawing)
                for step in range(int(length))}
        scale = CELL_WIDTH
        rows = [[(0, 0, 0) if (x // scale, y // scale) in dark else (255, 255, 255) for x in range(side * scale)]
                for y in range(side * scale)]
        self.assertEqual(self.read(pixels(rows), "code.ppm"), text)


@unittest.skipUnless(shutil.which("tmux"), "tmux is not installed")
class Screens(WithSession):
    """Terminals of the usual sizes. Each has a server of tmux of its own, on a socket in the folder: one that is about
    to end with its last screen takes no other."""

    servers = 0

    def tmux(self, *words):
        server = ["tmux", "-S", self.folder / f"tmux{self.servers}", "-f", "/dev/null"]
        done = subprocess.run([*server, *words], env=self.environment, capture_output=True, text=True, timeout=30,
                              check=True)
        return done.stdout

    def start(self, columns, rows, session="toko"):
        self.servers += 1
        # UTF-8 by the locale of the pane; tmux gives its programs a TERM of its own.
        self.tmux("-u", "new-session", "-d", "-x", str(columns), "-y", str(rows), "bash", "-c", SHELL, "bash", session)
        self.addCleanup(subprocess.run, ["tmux", "-S", self.folder / f"tmux{self.servers}", "kill-server"],
                        check=False, capture_output=True)

    def wait_for(self, pattern):
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            screen = self.tmux("capture-pane", "-p")
            if re.search(pattern, screen):
                return screen
            time.sleep(0.05)
        raise AssertionError(f"no {pattern!r} on the screen:\n{screen}")

    def test_too_small_a_screen_is_told_so_and_gets_the_code_when_it_grows(self):
        self.start(80, 24)
        screen = self.wait_for("this terminal has 80 and 24")
        self.assertIn("konekwa qr toko --png qr.png", screen)
        self.assertNotIn("▀▀▀▀▀▀▀", screen)
        self.tmux("resize-window", "-x", "80", "-y", "40")
        self.wait_for("▀▀▀▀▀▀▀[^\n]*\n(.*\n)*this code lives")

    def test_the_code_fits_and_goes_when_it_is_scanned(self):
        for columns, rows, session in ((80, 40, "toko"), (120, 50, "dua")):
            with self.subTest(columns=columns, rows=rows):
                self.start(columns, rows, session)
                screen = self.wait_for("▀▀▀▀▀▀▀[^\n]*\n(.*\n)*this code lives")
                drawn = [line for line in screen.splitlines() if re.search("[▀▄█]{2}", line)]
                self.assertGreater(len(drawn), 25)
                self.assertIn("Linked devices", screen)
                self.konekwa("sandbox", "scan", "--session", session)
                screen = self.wait_for("done")
                self.assertRegex(screen, r"linked: \d+")
                self.assertNotRegex(screen, "[▀▄█]")
                self.tmux("kill-server")

    def test_ctrl_c_takes_the_code_away(self):
        self.start(80, 40)
        self.wait_for("this code lives")
        self.tmux("send-keys", "C-c")
        deadline = time.monotonic() + WAIT_S
        while re.search("[▀▄█]", self.tmux("capture-pane", "-p")) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertNotRegex(self.tmux("capture-pane", "-p"), "[▀▄█]")


if __name__ == "__main__":
    unittest.main()
