"""What a user sees of the programs, compared: --help, man pages, completions, README and the table of errors."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(os.environ.get("KONEKWA_BIN_DIR", ROOT / "build/dev/bin"))
NO_DAEMON = {**os.environ, "KONEKWA_URL": "unix:///nonexistent/konekwad.sock", "LC_ALL": "C.UTF-8"}
SCREEN_ROWS = 24
# What has many commands, or an option for each field of a message, is taller.
ROWS_MAX = {(): 40, ("send",): 53, ("sandbox", "say"): 36}
# Options whose text tells nothing about the program.
EVERYWHERE = {"--help", "--version"}
RESTORING = {"--restore", "--original-is-gone"}   # what konekwad is asked instead of running, and no setting


def run(program, *arguments):
    return subprocess.run([BINARIES / program, *arguments], capture_output=True, text=True, timeout=20, check=False,
                          env=NO_DAEMON)


def help_of(program, *words):
    done = run(program, *words, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


def options_in_help(text):
    return set(re.findall(r"^  (?:-\w,)?(--[a-z][a-z-]+)", text, re.MULTILINE))


def offered(*words):
    candidates = [line.split("\t")[0] for line in run("konekwa", "__complete", "--", *words).stdout.splitlines()]
    return [candidate for candidate in candidates if candidate]   # the rest tells the shell how to go on


def commands():
    """Every command as a tuple of its words."""
    for word in offered(""):
        inner = offered(word, "")
        yield from [(word, name) for name in inner] or [(word,)]


class ManPage:
    def __init__(self, name):
        self.text = (ROOT / "man" / name).read_text()

    def section(self, name, macro="Sh"):
        found = re.search(rf"^\.{macro} {re.escape(name)}\n(.*?)(?=^\.S[hs] |\Z)", self.text, re.MULTILINE | re.DOTALL)
        return found.group(1) if found else None

    def subsections(self):
        return re.findall(r"^\.Ss (.+)$", self.text, re.MULTILINE)

    @staticmethod
    def options(text):
        """--names of the tags of lists: `.It Fl h , Fl -help`."""
        tags = re.findall(r"^\.It (Fl .*)$", text, re.MULTILINE)
        return {"-" + name for tag in tags for name in re.findall(r"Fl (-[a-z-]+)", tag)}


class Konekwa(unittest.TestCase):
    page = ManPage("konekwa.1")

    def test_the_manual_leads_to_the_page_of_every_noun(self):
        listed = re.findall(r"^\.It Xr konekwa-(\w+) 1$", self.page.section("COMMANDS"), re.MULTILINE)
        self.assertEqual(sorted({words[0] for words in commands()}), sorted(listed))

    def test_the_manual_has_every_option_of_all_commands_and_no_other(self):
        self.assertEqual(options_in_help(help_of("konekwa")), self.page.options(self.page.section("OPTIONS")))

    def test_completion_offers_every_option(self):
        for words in commands():
            with self.subTest(command=words):
                own = options_in_help(help_of("konekwa", *words))
                everywhere = options_in_help(help_of("konekwa")) - {"--version"}
                self.assertEqual(own | everywhere, set(offered(*words, "--")))

    def test_help_fits_one_screen(self):
        for words in [(), *commands()]:
            with self.subTest(command=words):
                rows = help_of("konekwa", *words).splitlines()
                self.assertLessEqual(len(rows), ROWS_MAX.get(words, SCREEN_ROWS))
                self.assertEqual(rows[-2], "Example:")

    def test_the_manual_has_every_exit_code(self):
        table = (ROOT / "common/errors.def").read_text()
        codes = set(re.findall(r"^X\(\w+, *\d+, *(\d+),", table, re.MULTILINE)) | {"0"}
        self.assertEqual(codes, set(re.findall(r"^\.It (\d+)$", self.page.section("EXIT STATUS"), re.MULTILINE)))

    def test_the_manual_has_every_variable_that_the_program_reads(self):
        sources = "".join(path.read_text() for path in (ROOT / "cli").glob("*.cpp"))
        read = set(re.findall(r'environment\("(\w+)"\)', sources))
        documented = set(re.findall(r"^\.It Ev (\w+)", self.page.section("ENVIRONMENT"), re.MULTILINE))
        self.assertTrue(read)
        self.assertLessEqual(read, documented)

    def test_the_manual_tells_of_every_shell_that_completes_and_how_long_it_waits(self):
        budget = re.search(r"kCompleteBudget = milliseconds\((\d+)\)", (ROOT / "cli/complete.h").read_text()).group(1)
        for page, title in ((self.page, "SHELL COMPLETION"), (ManPage("id/konekwa.1"), "PELENGKAPAN DI SHELL")):
            for word in ("bash", "zsh", "fish", f"{budget} mil"):
                self.assertIn(word, page.section(title))

    def test_the_completion_files_ask_the_program(self):
        for name in ("konekwa.bash", "_konekwa", "konekwa.fish"):
            self.assertIn("konekwa __complete --", (ROOT / "completions" / name).read_text())


class Daemons(unittest.TestCase):
    def test_the_manuals_have_every_option_and_no_other(self):
        for program, name in (("konekwad", "konekwad.8"), ("konekwa-sandbox", "konekwa-sandbox.1")):
            with self.subTest(program=program):
                documented = ManPage.options(ManPage(name).section("OPTIONS"))
                self.assertEqual(options_in_help(help_of(program)), documented)

    def test_the_page_of_the_configuration_file_has_every_setting_and_no_other(self):
        flags = options_in_help(help_of("konekwad")) - EVERYWHERE - RESTORING - {"--config"}
        tags = re.findall(r"^\.It Cm ([a-z-]+) No = Ar ", ManPage("konekwad.conf.5").section("SETTINGS"), re.MULTILINE)
        self.assertEqual(sorted(flag.removeprefix("--") for flag in flags), sorted(tags))

    def test_the_configuration_file_of_the_package_shows_defaults(self):
        shown = help_of("konekwad")
        lines = (ROOT / "packaging/konekwad.conf").read_text().splitlines()
        settings = [line.removeprefix("#").partition(" =") for line in lines if re.match("#[a-z]", line)]
        self.assertTrue(settings)
        self.assertEqual([line for line in lines if line and not line.startswith("#")], [])
        for key, _, value in settings:
            with self.subTest(key=key):
                default = re.search(rf"^  --{key} [^ =]+(?:=(\S*))?", shown, re.MULTILINE)
                self.assertEqual(value.strip(), default.group(1) or "")

    def test_the_readme_lists_every_setting_of_konekwad(self):
        readme = (ROOT / "README.md").read_text()
        rows = set(re.findall(r"^\| `(--[a-z-]+)", readme, re.MULTILINE))
        self.assertEqual(options_in_help(help_of("konekwad")) - EVERYWHERE - RESTORING, rows)


class Manuals(unittest.TestCase):
    def test_mandoc_finds_nothing(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        for page in sorted((ROOT / "man").rglob("*.[1-9]")):
            done = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True, timeout=20, check=False)
            # Pages of other packages, and our own, need not be installed.
            found = [line for line in done.stdout.splitlines()
                     if "referenced manual not found" not in line and "outdated mandoc.db" not in line]
            self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
