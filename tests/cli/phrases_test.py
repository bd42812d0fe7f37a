"""The Indonesian of API and CLI: every sentence that people are told has one, and none is of a sentence that nobody
says."""

import itertools
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = ["cli/phrases_id.def", "common/phrases_id.def", "cli/words.cpp"]   # in the order of the CLI
# Who speaks to people, and by which calls: the first text in one of them, and the others, are what they read.
SPEAKERS = ["cli/*.cpp", "common/api/*.cpp", "common/proxy_url.cpp", "daemon/gateway.cpp", "daemon/gateway/*.cpp",
            "daemon/http/*.cpp"]
CALLS = re.compile(r"\b(fail|failed|Error|Failure|invalid|no_column|note|refuse|say|ask|confirmed|wrong)\(")
# What only logs, the programmer or a broken client of HTTP is told; names, and pieces of a sentence.
ELSEWHERE = {"daemon/http/listen.cpp", "daemon/http/router.cpp", "daemon/http/header_gate.cpp",
             "daemon/http/multipart.cpp", "daemon/http/connection.cpp", "daemon/http/qr_image.cpp"}
UNTOLD = {
    "the data are in memory alone",          # a daemon of tests
    "cannot write the file",                 # goes on with what the system says
    "the rest was not wanted",               # the program's own wish
    "konekwa send --help", "konekwa sessions delete --help", "konekwa api /v1/sessions", "chmod {} {}",   # commands
    "curl --data-binary @FILE -H 'Content-Type: image/jpeg', or curl -F file=@FILE",
    "{}: {}", "Field '{}'{}{}",              # made of sentences
    ", {} of them before", "'; templates are for text, image, video and document",   # pieces of one
}
LITERAL = r'"(?:[^"\\\n]|\\.)*"'


def unescaped(literal):
    return literal[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def literals(text):
    """The texts in a piece of C++, those that stand side by side as one, and with {} for every hole."""
    for found in re.finditer(rf"{LITERAL}(?:\s*{LITERAL})*", text):
        whole = "".join(unescaped(each) for each in re.findall(LITERAL, found.group()))
        yield re.sub(r"\{\d*(:[^}]*)?\}", "{}", whole).replace("{{", "{").replace("}}", "}")


def source(path):
    return re.sub(r"(?m)^\s*//.*$|\s//\s.*$", "", path.read_text())


def phrases(table):
    for entry in re.finditer(rf"(?ms)^P\(({LITERAL}(?:\s*{LITERAL})*),\s*({LITERAL}(?:\s*{LITERAL})*)\)$",
                             (ROOT / table).read_text()):
        yield tuple("".join(unescaped(each) for each in re.findall(LITERAL, part)) for part in entry.groups())


def calls(text):
    """The arguments of each call that tells people something."""
    for call in CALLS.finditer(text):
        depth, end = 1, call.end()
        for token in re.finditer(rf"{LITERAL}|[()]", text[call.end():]):
            depth += {"(": 1, ")": -1}.get(token.group(), 0)
            if depth == 0:
                end = call.end() + token.start()
                break
        yield text[call.end():end]


def fits(text, pattern):
    hole = re.compile(r"\{\*?\}")
    return re.fullmatch("(?s)" + ".*".join(re.escape(piece) for piece in hole.split(pattern)), text) is not None


class Indonesian(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.phrases = [phrase for table in TABLES for phrase in phrases(table)]
        cls.said = {text for folder in ("cli", "common", "daemon") for path in (ROOT / folder).rglob("*.cpp")
                    for text in literals(source(path))}

    def test_the_tables_are_read_whole(self):
        entries = sum(len(re.findall(r"(?m)^P\(", (ROOT / table).read_text())) for table in TABLES)
        self.assertGreater(entries, 200)
        self.assertEqual(len(self.phrases), entries)

    def test_every_phrase_is_said_by_the_programs(self):
        said = "\0".join(self.said)
        ours = [english for table in TABLES if table.endswith(".def") for english, _ in phrases(table)]
        unsaid = [english for english in ours
                  if not all(piece.strip() in said for piece in re.split(r"\{\*?\}|: ", english))]
        self.assertEqual(unsaid, [])

    def test_a_phrase_has_as_many_holes_in_both_languages(self):
        for english, indonesian in self.phrases:
            with self.subTest(english=english):
                self.assertEqual(re.findall(r"\{\*?\}", english), re.findall(r"\{\*?\}", indonesian))

    def test_no_phrase_stands_behind_one_that_takes_its_place(self):
        for (earlier, _), (later, _) in itertools.combinations(self.phrases, 2):
            text = later.replace("{*}", "x").replace("{}", "x")
            self.assertFalse(fits(text, earlier), f"{earlier!r} before {later!r}")

    def test_whatever_people_are_told_has_its_phrase(self):
        errors = re.findall(r'(?m)^X\(.*"(.*)"\)$', (ROOT / "common/errors.def").read_text())
        known = [english for english, _ in self.phrases] + errors
        untold = set()
        for pattern in SPEAKERS:
            for path in ROOT.glob(pattern):
                if str(path.relative_to(ROOT)) in ELSEWHERE:
                    continue
                for arguments in calls(source(path)):
                    for text in literals(arguments):
                        # A value may go before it or behind.
                        forms = (text, text + "x", "x" + text, "x: " + text)
                        is_known = any(fits(form, each) for form in forms for each in known)
                        if re.search(r"\w \w", text) and text not in UNTOLD and not is_known:
                            untold.add(f"{path.name}: {text}")
        self.assertEqual(sorted(untold), [])


if __name__ == "__main__":
    unittest.main()
