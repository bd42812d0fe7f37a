"""The manual: a page a noun against --help, the page of the API against openapi.yaml, the Indonesian pages against the
English ones, and all of them against what the packages install. Sentences in Indonesian against those of the code."""

import fnmatch
import re
import unittest

import yaml

from surface_test import ROOT, ManPage, commands, help_of, options_in_help

MAN = ROOT / "man"
PAGES = sorted(path.relative_to(MAN).as_posix() for path in MAN.rglob("*.[1-9]"))
INDONESIAN = [name for name in PAGES if name.startswith("id/")]


def page_of(words):
    return ManPage(f"konekwa-{words[0]}.1")


def commands_by_noun():
    nouns = {}
    for words in commands():
        nouns.setdefault(words[0], []).append(words)
    return nouns


def tags(name):
    """What a page says of the program, in any language: its commands, its options, settings and routes, its exit codes
    and variables."""
    text = ManPage(name).text
    if name.endswith("konekwa.1"):   # names the pages of the commands only, and leaves the rest to them
        text = re.sub(r"^\.Sh (?:COMMANDS|PERINTAH)\n.*?(?=^\.Sh )", "", text, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^\.(?:Ss|It Fl|It Ev|It Cm|It Li|It \d+$).*", text, re.MULTILINE)
    return [tag for tag in found if name.endswith(".1") or not tag.startswith(".Ss")]   # elsewhere those are prose


def literals(name):
    """The words of a page that no language changes, which placeholders of an example are not."""
    lines = re.findall(r"^\.Li (?!{{)(.*)", ManPage(name).text, re.MULTILINE)
    return set(re.findall(r"[^ ,.;]{2,}", " ".join(lines)))


def installed(name):
    """Where a page goes: konekwa.1 to usr/share/man/man1/konekwa.1."""
    language, _, page = name.rpartition("/")
    return "/".join(filter(None, ["usr/share/man", language, f"man{page[-1]}", page]))


class PageOfANoun(unittest.TestCase):
    def test_there_is_one_for_every_noun(self):
        for noun in commands_by_noun():
            self.assertIn(f"konekwa-{noun}.1", PAGES)

    def test_it_has_every_command_of_the_noun_and_no_other(self):
        for noun, inner in commands_by_noun().items():
            with self.subTest(noun=noun):
                found = [name for name in page_of((noun,)).subsections() if name.split()[0] == noun]
                self.assertEqual(sorted(found), sorted(" ".join(words) for words in inner if len(words) > 1))

    def test_it_has_every_option_of_every_command_and_no_other(self):
        everywhere = options_in_help(help_of("konekwa"))
        for words in commands():
            with self.subTest(command=words):
                own = options_in_help(help_of("konekwa", *words)) - everywhere
                page = page_of(words)
                if len(words) > 1:
                    self.assertEqual(own, page.options(page.section(" ".join(words), "Ss")))
                else:
                    self.assertEqual(own, page.options(page.section("DESCRIPTION")))

    def test_its_synopsis_names_every_command_with_its_options(self):
        for words in commands():
            if words[0] == "sandbox":   # on the page of the program konekwa-sandbox
                continue
            with self.subTest(command=words):
                synopsis = page_of(words).section("SYNOPSIS")
                entry = re.search(rf"^\.Nm konekwa {' '.join(words)}\n(.*?)(?=^\.Nm|\Z)", synopsis,
                                  re.MULTILINE | re.DOTALL)
                self.assertIsNotNone(entry)
                own = options_in_help(help_of("konekwa", *words)) - options_in_help(help_of("konekwa"))
                self.assertEqual(own, {"-" + name for name in re.findall(r"Fl (-[a-z-]+)", entry.group(1))})

    def test_it_has_exit_codes_of_the_table_an_example_and_a_way_back(self):
        table = (ROOT / "common/errors.def").read_text()
        codes = set(re.findall(r"^X\(\w+, *\d+, *(\d+),", table, re.MULTILINE)) | {"0"}
        for noun in commands_by_noun():
            with self.subTest(noun=noun):
                page = page_of((noun,))
                self.assertIn(f"konekwa {noun}", page.section("EXAMPLES"))
                self.assertIn(".Xr konekwa 1", page.section("SEE ALSO"))
                self.assertLessEqual(set(re.findall(r"^\.It (\d+)$", page.section("EXIT STATUS"), re.MULTILINE)), codes)


class PageOfTheApi(unittest.TestCase):
    page = ManPage("konekwa-api.7")
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text())

    def test_it_has_every_route_with_what_it_needs_and_no_other(self):
        operations = {f"{method.upper()} {path}": operation["x-konekwa-access"]
                      for path, item in self.document["paths"].items()
                      for method, operation in item.items() if method != "parameters"}
        listed = re.findall(r"^\.It Li (.+)\n.*\n\.Pq Li (.+)$", self.page.section("ROUTES"), re.MULTILINE)
        self.assertEqual(operations, dict(listed))

    def test_it_has_every_error_code_under_its_status(self):
        listed = {}
        entries = re.findall(r"^\.It (\d{3})\n(.*?)(?=^\.It |^\.El)", self.page.text, re.MULTILINE | re.DOTALL)
        for status, text in entries:
            block = re.match(r"(?:\.Li \w+(?: [,.])?\n(?:or\n)?)+", text).group(0)
            listed.update({code: int(status) for code in re.findall(r"[A-Z_]{6,}", block)})
        self.assertEqual(self.document["components"]["schemas"]["ErrorCode"]["x-konekwa-status"], listed)

    def test_it_has_every_code_of_a_message_and_no_other(self):
        block = re.search(r"^with the codes\n(.*?)^After$", self.page.section("Errors", "Ss"), re.MULTILINE | re.DOTALL)
        codes = self.document["components"]["schemas"]["MessageErrorCode"]["enum"]
        self.assertEqual(codes, re.findall(r"[A-Z_]{5,}", block.group(1)))


class IndonesianPages(unittest.TestCase):
    def test_there_is_one_for_every_page(self):
        self.assertEqual([f"id/{name}" for name in PAGES if name not in INDONESIAN], INDONESIAN)

    def test_each_says_of_the_program_what_the_english_page_says(self):
        self.assertTrue(INDONESIAN)
        for name in INDONESIAN:
            with self.subTest(page=name):
                self.assertEqual(tags(name.removeprefix("id/")), tags(name))
                self.assertLessEqual(literals(name.removeprefix("id/")), literals(name))

    def test_that_of_the_api_says_what_each_route_needs_of_the_key(self):
        words = {"any key": "key apa pun", "public": "publik"}
        english, indonesian = (re.findall(r"^\.Pq Li (.+)$", ManPage(name).text, re.MULTILINE)
                               for name in ("konekwa-api.7", "id/konekwa-api.7"))
        self.assertEqual([words.get(access, access) for access in english], indonesian)

    def test_the_overview_leads_to_the_page_of_every_noun(self):
        for noun in commands_by_noun():
            self.assertIn(f".It Xr konekwa-{noun} 1\n", ManPage("id/konekwa.1").text)


class Sources(unittest.TestCase):
    def test_their_lines_fit_a_terminal(self):
        for name in PAGES:
            with self.subTest(page=name):
                self.assertEqual([line for line in ManPage(name).text.splitlines() if len(line) > 80], [])


class Packages(unittest.TestCase):
    patterns = [(path.stem, line) for path in (ROOT / "packaging/debian").glob("*.install")
                for line in path.read_text().split("\n") if line.startswith("usr/share/man/")]

    def packages_of(self, name):
        return [package for package, pattern in self.patterns if fnmatch.fnmatch(installed(name), pattern)]

    def test_every_page_is_in_one_package(self):
        for name in PAGES:
            with self.subTest(page=name):
                self.assertEqual(len(self.packages_of(name)), 1)
        for _, pattern in self.patterns:
            self.assertTrue(any(fnmatch.fnmatch(installed(name), pattern) for name in PAGES), pattern)

    def test_a_page_is_in_the_same_package_in_both_languages(self):
        for name in INDONESIAN:
            self.assertEqual(self.packages_of(name.removeprefix("id/")), self.packages_of(name), name)


if __name__ == "__main__":
    unittest.main()
