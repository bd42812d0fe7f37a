"""The QR code as a camera sees it: what konekwa draws, into a pipe and on the screen of tmux, is painted as pixels, on
a dark and on a light ground, and read by zbar."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from screen import CELL_WIDTH, DARK_THEME, LIGHT_THEME, Tmux, painted, photographed, picture
from transcript_test import BINARIES, Daemon

SHELL = 'TERM=${TERMINAL:-xterm-256color} konekwa qr "$@"; echo "exit $?"; exec sleep 1000'
THEMES = {"dark": DARK_THEME, "light": LIGHT_THEME}


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


class Form:
    """How the code is drawn: by the locale, by what colours are wished for, and by which the terminal knows; and by
    which letters one knows it. `columns` and `rows` are what it needs with the lines around it."""

    def __init__(self, name, mark, size, coarseness=4, **variables):
        self.name, self.mark, self.variables = name, mark, variables
        self.columns, self.rows = size
        self.coarseness = coarseness   # pixels that run together on the way to the camera; letters are not squares
        self.is_of_letters = "NO_COLOR" in variables or variables.get("TERMINAL", "").startswith("vt")

    def words(self, theme):
        """Letters are light on a dark ground, and nothing else can be painted without colours."""
        return ["--invert"] if self.is_of_letters and theme == "dark" else []


HALF, WHOLE = (61, 33), (122, 63)
FORMS = [Form("UTF-8", "▀", HALF), Form("ANSI", "\x1b[38;5;231;48;5;16m", WHOLE, LC_ALL="C"),
         Form("ASCII", "##", WHOLE, 8, NO_COLOR="1", LC_ALL="C")]
# What terminals get that know less; away from terminals there is only the wish.
FORMS_ON_SCREEN = [*FORMS, Form("UTF-8 in eight colours", "▀", HALF, TERMINAL="xterm"),
                   Form("ANSI in eight colours", "  ", WHOLE, TERMINAL="linux", LC_ALL="C"),
                   Form("UTF-8 without colours", "▀", HALF, NO_COLOR="1"),
                   Form("a vt100", "##", WHOLE, 8, TERMINAL="vt100", LC_ALL="C"),
                   Form("a vt220", "▀", HALF, TERMINAL="vt220")]


class Cameras(WithSession):
    def read(self, image, name="code.ppm"):
        path = self.folder / name
        path.write_bytes(image)
        done = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", path], capture_output=True,
                              timeout=60, check=False)
        return done.stdout.decode().strip()

    def read_drawn(self, drawn, theme, form):
        return self.read(picture(photographed(painted(drawn, THEMES[theme]), form.coarseness)))

    def code(self, session="toko"):
        return self.konekwa("qr", session, "-q").decode().strip()

    def drawn_and_sent(self, *words, **variables):
        """What is drawn, and the text of the same code: asked before and after, since codes change."""
        for _ in range(3):
            before = self.code()
            drawn = self.konekwa("qr", "toko", *words, **variables)
            if self.code() == before:
                return drawn, before
        raise AssertionError("the code changes all the time")


@unittest.skipUnless(shutil.which("zbarimg"), "zbarimg is not installed")
class Pipes(Cameras):
    def test_it_is_read_on_every_theme_in_every_form(self):
        for theme in THEMES:
            for form in FORMS:
                with self.subTest(theme=theme, form=form.name):
                    drawn, text = self.drawn_and_sent(*form.words(theme), CLICOLOR_FORCE="1", **form.variables)
                    self.assertIn(form.mark, drawn.decode())
                    self.assertEqual(self.read_drawn(drawn.decode(), theme, form), text)

    def test_ascii_of_the_wrong_shade_is_not_read(self):
        """Else --invert would not be tested at all."""
        drawn, _ = self.drawn_and_sent(NO_COLOR="1")
        self.assertEqual(self.read_drawn(drawn.decode(), "dark", FORMS[2]), "")

    def test_the_picture_is_read(self):
        image, text = self.drawn_and_sent("--png", "-")
        self.assertEqual(self.read(image, "code.png"), text)

    def test_the_drawing_is_read(self):
        drawing, text = self.drawn_and_sent("--svg", "-")
        side = int(re.search(rb'viewBox="0 0 (\d+) ', drawing).group(1))
        dark = {(int(x) + step, int(y)) for x, y, length in re.findall(rb"M(\d+) (\d+)h(\d+)v1h-\d+z", drawing)
                for step in range(int(length))}
        scale = CELL_WIDTH
        rows = [[(0, 0, 0) if (x // scale, y // scale) in dark else (255, 255, 255) for x in range(side * scale)]
                for y in range(side * scale)]
        self.assertEqual(self.read(picture(rows)), text)


@unittest.skipUnless(shutil.which("tmux") and shutil.which("zbarimg"), "tmux or zbarimg is not installed")
class Screens(Cameras):
    """Terminals of the usual sizes. konekwa finds out about them by itself there: nothing is forced."""

    def start(self, columns, rows, *words, session="toko", **variables):
        terminal = Tmux(self.folder, {**self.environment, **variables}, columns, rows)
        self.addCleanup(terminal.end)
        terminal.run("bash", "-c", SHELL, "bash", session, *words)
        return terminal

    def test_it_is_read_from_the_screen_on_every_theme_in_every_form(self):
        for theme in THEMES:
            for form in FORMS_ON_SCREEN:
                with self.subTest(theme=theme, form=form.name):
                    terminal = self.start(140, 70, *form.words(theme), **form.variables)
                    terminal.wait_for("this code lives")
                    before, shown, after = self.code(), terminal.text(with_colours=True), self.code()
                    self.assertIn(self.read_drawn(shown, theme, form), {before, after})
                    for mark in ("▀", "##"):
                        self.assertEqual(mark in shown, mark == form.mark)
                    has_palette = form.name in ("UTF-8", "ANSI")
                    self.assertEqual(has_palette, "\x1b[38;5;" in shown)
                    self.assertEqual(form.is_of_letters, re.search(r"\x1b\[[\d;]*m", shown) is None)
                    terminal.end()

    def test_each_size_gets_the_code_or_is_told_what_it_needs(self):
        for columns, rows in ((80, 24), (80, 40), (120, 50)):
            for form in FORMS_ON_SCREEN:
                with self.subTest(columns=columns, rows=rows, form=form.name):
                    terminal = self.start(columns, rows, *form.words("dark"), **form.variables)
                    if form.columns <= columns and form.rows <= rows:
                        screen = terminal.wait_for("this code lives")
                        self.assertIn("Linked devices, Link a device", screen)
                        before, shown, after = self.code(), terminal.text(with_colours=True), self.code()
                        self.assertIn(self.read_drawn(shown, "dark", form), {before, after})
                    else:
                        screen = terminal.wait_for(f"this terminal has {columns} and {rows}:")
                        self.assertIn("konekwa qr toko --png qr.png", screen)
                        self.assertNotRegex(screen, "[▀▄█]|##")
                        self.assertNotIn("\x1b[48", terminal.text(with_colours=True))
                    self.assertTrue(all(len(line.rstrip()) <= columns for line in screen.splitlines()))
                    terminal.end()

    def test_a_screen_that_grows_gets_the_code(self):
        terminal = self.start(80, 24)
        terminal.wait_for("this terminal has 80 and 24")
        terminal.resize(80, 40)
        terminal.wait_for("▀▀▀▀▀▀▀[^\n]*\n(.*\n)*this code lives")

    def test_other_codes_take_the_place_of_those_before(self):
        terminal = self.start(80, 40)
        terminal.wait_for("this code lives")
        old = self.code()
        self.konekwa("sessions", "restart-qr", "toko")

        def shown():
            return self.read_drawn(terminal.text(with_colours=True), "dark", FORMS[0])
        terminal.wait_until(lambda: shown() not in ("", old))
        self.assertEqual(shown(), self.code())
        self.assertEqual(terminal.text().count("this code lives"), 1)
        self.assertEqual(terminal.text().count("Linked devices"), 1)

    def test_the_code_goes_when_it_is_scanned(self):
        for columns, rows, session in ((80, 40, "toko"), (120, 50, "dua")):
            with self.subTest(columns=columns, rows=rows):
                terminal = self.start(columns, rows, session=session)
                terminal.wait_for("this code lives")
                self.konekwa("sandbox", "scan", "--session", session)
                screen = terminal.wait_for("exit 0")
                self.assertRegex(screen, r"linked: \d+")
                self.assertNotRegex(screen, "[▀▄█]")
                terminal.end()

    def test_a_shell_gets_its_terminal_back_at_every_stop(self):
        terminal = Tmux(self.folder, {**self.environment, "PS1": "$ ", "TERM": "xterm-256color"}, 80, 40)
        self.addCleanup(terminal.end)
        terminal.run("bash", "--norc", "--noprofile", "-i")
        terminal.wait_for(r"\$")
        for keys, says in (("C-z", "stopped with 148"), ("C-c", "ended with 130")):
            word = says.split()[0]
            terminal.type("konekwa qr toko" if keys == "C-z" else "fg", "Enter")
            terminal.wait_for("this code lives")
            terminal.type("xyzzy", "Enter", "xyz")
            terminal.type(keys)
            screen = terminal.wait_for(r"\n\$\s*\Z")
            self.assertNotRegex(screen, "[▀▄█]|xyz")
            terminal.type(f"echo {word} with $?; stty -a | grep -cw -e -echo -e -icanon", "Enter")
            screen = terminal.wait_for(f"{says}\n0")
            self.assertNotIn("xyz", screen)

    def test_ctrl_c_takes_the_code_away(self):
        terminal = self.start(80, 40)
        terminal.wait_for("this code lives")
        terminal.type("C-c")
        self.assertNotRegex(terminal.wait_for("exit 130"), "[▀▄█]")


if __name__ == "__main__":
    unittest.main()
