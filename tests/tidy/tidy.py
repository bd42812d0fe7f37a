#!/usr/bin/env python3
"""Style that a machine can judge: bans with their replacement, file shapes, names, marks of work left undone.

A rule is a function (root, path, text) -> [(line, what is wrong)] in the table RULES, with a planted offence in
self_test.py. With --build DIR it also checks that every source file is compiled there.
"""

import argparse
import json
import os
import re
import sys

from source_tree import CPP, Offence, code_of, line_of, paths, read, report

LINE_COLUMNS_MAX = 120
SOURCE_LINES_MAX = 600
HEADER_LINES_MAX = 250
SESSION_LINES_MAX = 300  # session.h and session.cpp together: a list of parts

TEXT = CPP + (".js", ".py", ".sh", ".cmake", ".proto", ".sql", ".def", ".conf", ".service", ".spec", ".install")
SCRIPTS = (".ci/run",)
# What is written by tools, or is a document where a line is a paragraph.
GENERATED = ("tests/interop/package-lock.json", "LICENSE")
THIS_FOLDER = "tests/tidy/"  # its files name what they look for

# call -> (what to use instead, the files that may)
BANS = [
    (r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\s*\(", "Loop::after", []),
    (r"\bsystem_clock::now\b|\bgettimeofday\s*\(|\bclock_gettime\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\)", "Loop::now",
     ["cli/clock", "common/log", "common/time", "daemon/wa/io/asio_loop"]),
    (r"\bsteady_clock::now\b", "Loop::now",
     ["common/api/", "cli/", "daemon/wa/io/asio_loop", "daemon/net/", "daemon/http/", "daemon/daemon", "tests/"]),
    (r"\b(rand|srand|random_device|mt19937|mt19937_64)\b\s*[({\w]", "Random", ["common/random", "tests/"]),
    (r"(?<![\w.>])(gets|sprintf|vsprintf|strcpy|strcat|atoi|atol|strtok)\s*\(", "std::string, fmt, from_chars", []),
    (r"\bstd::system\s*\(|\bpopen\s*\(|[;{}=(!]\s*system\s*\(", "no shell", ["tests/"]),
    (r"\bassert\s*\(", "KONEKWA_ASSERT", []),
    (r"\busing\s+namespace\s+(?!std::(string_)?literals|std::chrono)", "names, or a using of one name", ["tests/"]),
    (r"\bstd::(cout|cerr|printf)\b|(?<![\w:.>])printf\s*\(", "common/log, or the printer of the CLI",
     ["cli/", "daemon/main.cpp", "daemon/sandbox/main.cpp", "daemon/settings", "tests/", "common/error.cpp"]),
]
MARKERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"/work/|/tmp/(bl|h)\b|/home/[a-z]\w*/|/root/"
                     r"|registry\.npmjs|deb\.debian\.org|pypi\.org|proxy\.golang")
DOCUMENT = re.compile(r"\b[A-Za-z][\w-]*\.md\b")
BAD_NAME = re.compile(r"(^|[_\-])(utils?|helpers?|misc|manager)([_\-.]|$)|^common\.(h|cpp)$")
FILE_NAME = re.compile(r"^[a-z0-9][a-z0-9_]*\.(h|cpp)$|^konekwad?\.")
# A comment line that ends like a statement and has a call or an assignment in it, without being prose.
DEAD_CODE = re.compile(r"^[ \t]*//[ \t]*(?:(?:const|auto|return|int|bool|std::\w+)\s+)*[\w.:>*&-]+\s*"
                       r"(?:=[^=\n].*|\([^\n]*\));[ \t]*$", re.MULTILINE)


def lines(text, pattern, what):
    return [(line_of(text, match.start()), what(match)) for match in pattern.finditer(text)]


def line_length(_, path, text):
    if not (path.endswith(TEXT) or path in SCRIPTS or path.endswith("CMakeLists.txt")):
        return []
    return [(number, f"{len(line)} columns, at most {LINE_COLUMNS_MAX}")
            for number, line in enumerate(text.split("\n"), 1) if len(line) > LINE_COLUMNS_MAX]


def whitespace(_, path, text):
    found = lines(text, re.compile(r"[ \t\r]+$", re.MULTILINE), lambda _: "trailing whitespace")
    if path.endswith(CPP):
        found += lines(text, re.compile(r"\t"), lambda _: "a tab")
    if text and not text.endswith("\n"):
        found.append((text.count("\n") + 1, "no newline at the end"))
    return found


def header_shape(_, path, text):
    if not path.endswith(".h"):
        return []
    found = [] if re.search(r"^#pragma once$", code_of(text), re.MULTILINE) else [(1, "no #pragma once")]
    if not text.startswith("//"):
        found.append((1, "a header opens with a comment that says what it is for"))
    return found


def file_size(root, path, text):
    count = text.count("\n")
    if path.startswith("tests/") or not path.endswith(CPP):
        return []
    limit = HEADER_LINES_MAX if path.endswith(".h") else SOURCE_LINES_MAX
    found = [(count, f"{count} lines, at most {limit}: one idea a file")] if count > limit else []
    if path == "daemon/session/session.cpp" and os.path.exists(os.path.join(root, "daemon/session/session.h")):
        both = count + read(root, "daemon/session/session.h").count("\n")
        if both > SESSION_LINES_MAX:
            found.append((count, f"session.h and session.cpp have {both} lines, at most {SESSION_LINES_MAX}"))
    return found


def banned_calls(_, path, text):
    if not path.endswith(CPP):
        return []
    code = code_of(text)
    found = []
    for pattern, instead, places in BANS:
        if any(path.startswith(place) for place in places):
            continue
        found += lines(code, re.compile(pattern), lambda m, use=instead: f"{m.group().strip()} is banned; use {use}")
    return found


def co_await(_, path, text):
    """g++ 12 destroys temporaries beside co_await twice: it stands alone in its statement, with named arguments."""
    if not path.endswith(CPP):
        return []
    code = code_of(text)
    found = []
    for match in re.finditer(r"\bco_await\b", code):
        start = max(code.rfind(mark, 0, match.start()) for mark in ";{}") + 1
        end = code.find(";", match.end())
        statement = code[start:end].strip()
        after = code[match.end():end]
        if re.match(r"(if|while|for|switch|return)\b", statement) and not re.match(r"return\s+co_await\b", statement):
            found.append((line_of(code, match.start()), "co_await in a condition"))
        elif re.search(r"\?|&&|\|\||co_await\b.*\bco_await\b", statement, re.DOTALL):
            found.append((line_of(code, match.start()), "co_await is not alone in its statement"))
        elif "{" in after or re.search(r"[(,]\s*\[", after):
            found.append((line_of(code, match.start()), "a temporary beside co_await; give it a name first"))
    return found


def markers(_, path, text):
    return lines(text, MARKERS, lambda match: f"{match.group()} is not kept in the tree")


def machine_paths(_, path, text):
    return lines(text, MACHINE, lambda match: f"{match.group()} is of one machine or network")


def documents(root, path, text):
    """A document that is named is one that a reader of the tree has."""
    if not path.endswith(CPP + (".proto", ".sql", ".py", ".js", ".sh")):
        return []
    known = {os.path.basename(name) for name in paths(root)}
    return [(line_of(text, match.start()), f"there is no {match.group()} in the tree")
            for match in DOCUMENT.finditer(text) if match.group() not in known]


def dead_code(_, path, text):
    if not path.endswith(CPP):
        return []
    return lines(text, DEAD_CODE, lambda _: "commented-out code")


def file_names(_, path, text):
    name = os.path.basename(path)
    if BAD_NAME.search(name):
        return [(1, "a file is named after its one idea")]
    if path.endswith(CPP) and not FILE_NAME.match(name):
        return [(1, "file names are snake_case")]
    return []


RULES = {
    "line-length": line_length,
    "whitespace": whitespace,
    "header": header_shape,
    "size": file_size,
    "banned": banned_calls,
    "co_await": co_await,
    "marker": markers,
    "machine": machine_paths,
    "document": documents,
    "dead-code": dead_code,
    "file-name": file_names,
}


def is_text(path):
    is_media = path.startswith("tests/unit/media_probe/files/")
    return not (path.endswith((".png", ".pem", ".bin")) or path in GENERATED or "/corpus/" in path or is_media)


def check(root):
    offences = []
    for path in paths(root):
        if not is_text(path) or path.startswith(THIS_FOLDER):
            continue
        text = read(root, path)
        for name, rule in RULES.items():
            offences += [Offence(name, path, line, what) for line, what in rule(root, path, text)]
    return offences


def check_compiled(root, build):
    """Every tracked .cpp of the product and the tests is part of the build; fuzz targets have a build of their own."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        compiled = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in json.load(file)}
    return [Offence("compiled", path, 1, "no target compiles this file") for path in paths(root)
            if path.endswith(".cpp") and not path.startswith("tests/fuzz/")
            and os.path.realpath(os.path.join(root, path)) not in compiled]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", nargs="?", default=".")
    parser.add_argument("--build", help="a build directory with compile_commands.json")
    arguments = parser.parse_args()
    offences = check(arguments.root)
    if arguments.build:
        offences += check_compiled(arguments.root, arguments.build)
    return report(offences)


if __name__ == "__main__":
    sys.exit(main())
