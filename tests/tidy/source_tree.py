"""The files that the style checks look at, and C++ text without its comments and literals."""

import functools
import os
import re
import subprocess

CPP = (".h", ".cpp")
LITERALS_AND_COMMENTS = re.compile(
    r'R"(?P<tag>[^()\s\\]{0,16})\((?:.|\n)*?\)(?P=tag)"'   # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'"                # character; not a digit separator
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
)


class Offence:
    def __init__(self, rule, path, line, text):
        self.rule, self.path, self.line, self.text = rule, path, line, text

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@functools.lru_cache
def paths(root):
    """Paths relative to root, sorted: what git tracks, or everything where there is no repository."""
    if os.path.exists(os.path.join(root, ".git")):
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True)
        names = listed.stdout.decode().split("\0")
        return sorted(name for name in names if name and os.path.isfile(os.path.join(root, name)))
    found = []
    for directory, _, names in os.walk(root):
        found += [os.path.relpath(os.path.join(directory, name), root) for name in names]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def code_of(text):
    """The text with comments and literals blanked out, so that lines and columns stay where they are."""
    return LITERALS_AND_COMMENTS.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def report(offences):
    """Prints them; the exit status of a check."""
    for offence in offences:
        print(offence)
    return 1 if offences else 0
