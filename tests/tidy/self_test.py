#!/usr/bin/env python3
"""Each rule of tidy.py and include_rules.py finds an offence planted in a tree that is otherwise clean."""

import json
import os
import sys
import tempfile
import unittest

import include_rules
import tidy

HEADER = "// What it is for.\n#pragma once\n"
CLEAN = {
    "common/time.h": HEADER + "#include <chrono>\n",
    "common/api/client.h": HEADER + '#include "common/time.h"\n',
    "common/api/client.cpp": '#include "common/api/client.h"\n\n#include <httplib.h>\n',
    "daemon/wa/jid.h": HEADER + '#include "common/time.h"\n',
    "daemon/wa/jid.cpp": '#include "daemon/wa/jid.h"\n\n// We keep 1\'000 of them; no sleep() here.\n'
                         'const char* kText = "system_clock::now()";\n',
    "daemon/store/store.h": HEADER + '#include "common/time.h"\n',
    "daemon/gateway.h": HEADER + '#include "daemon/store/store.h"\n',
    "daemon/http/router.h": HEADER + '#include "daemon/gateway.h"\n',
    "daemon/daemon.cpp": '#include "daemon/http/router.h"\n',
    "cli/main.cpp": '#include "common/api/client.h"\n\n#include <CLI/CLI.hpp>\n',
    "tests/unit/wa/jid_test.cpp": '#include "daemon/wa/jid.h"\n',
    "tests/run.sh": "#!/usr/bin/env bash\nexit 0\n",
}

# (rule, file, text of the file)
PLANTED = [
    ("line-length", "daemon/wa/a.cpp", "// " + "x" * 120 + "\n"),
    ("line-length", "tests/a.sh", "# " + "x" * 120 + "\n"),
    ("whitespace", "daemon/wa/a.cpp", "int a; \n"),
    ("whitespace", "daemon/wa/a.cpp", "\tint a;\n"),
    ("whitespace", "README.md", "no newline"),
    ("header", "daemon/wa/a.h", "// What it is for.\n"),
    ("header", "daemon/wa/a.h", "#pragma once\n"),
    ("size", "daemon/wa/a.cpp", "int a();\n" * 601),
    ("size", "daemon/wa/a.h", HEADER + "int a();\n" * 251),
    ("banned", "daemon/wa/a.cpp", "void f() { std::this_thread::sleep_for(x); }\n"),
    ("banned", "daemon/wa/a.cpp", "auto t = std::chrono::system_clock::now();\n"),
    ("banned", "daemon/session/a.cpp", "auto t = std::chrono::steady_clock::now();\n"),
    ("banned", "daemon/wa/a.cpp", "int a = rand();\n"),
    ("banned", "daemon/wa/a.cpp", "void f() { sprintf(a, b); }\n"),
    ("banned", "daemon/wa/a.cpp", "void f() { gets(a); }\n"),
    ("banned", "daemon/wa/a.cpp", "void f() { system(a); }\n"),
    ("banned", "daemon/wa/a.cpp", "void f() { assert(a); }\n"),
    ("banned", "daemon/wa/a.cpp", "using namespace std;\n"),
    ("banned", "daemon/wa/a.cpp", "void f() { std::cout << a; }\n"),
    ("co_await", "daemon/wa/a.cpp", "void f() { if (co_await g(a)) return; }\n"),
    ("co_await", "daemon/wa/a.cpp", "void f() { co_await g([x] { return x; }); }\n"),
    ("co_await", "daemon/wa/a.cpp", "void f() { auto a = co_await g(b, {1, 2}); }\n"),
    ("co_await", "daemon/wa/a.cpp", "void f() { auto a = b ? co_await g(b) : c; }\n"),
    ("co_await", "daemon/wa/a.cpp", "void f() { co_await g(co_await h()); }\n"),
    ("marker", "daemon/wa/a.cpp", "// TO" "DO: the rest\n"),
    ("marker", "README.md", "FIX" "ME\n"),
    ("machine", "README.md", "see /work/" "main\n"),
    ("machine", "README.md", "see /home/" "me/x\n"),
    ("machine", "tests/interop/.npmrc", "registry=https://registry." "npmjs.org/\n"),
    ("document", "daemon/wa/a.cpp", "// See core.md 7.\n"),
    ("dead-code", "daemon/wa/a.cpp", "// send(message);\n"),
    ("dead-code", "daemon/wa/a.cpp", "  // int a = 3;\n"),
    ("file-name", "daemon/wa/jid_utils.h", HEADER),
    ("file-name", "daemon/session/session_manager.cpp", ""),
    ("file-name", "daemon/wa/Jid.cpp", ""),
    ("include", "daemon/http/a.cpp", '#include "daemon/store/store.h"\n'),
    ("include", "daemon/http/a.cpp", '#include "daemon/wa/jid.h"\n'),
    ("include", "daemon/wa/a.cpp", '#include "daemon/store/store.h"\n'),
    ("include", "daemon/gateway.cpp", '#include "daemon/gateway.h"\n#include "daemon/sandbox/sandbox.h"\n'),
    ("include", "daemon/gateway_messages.cpp", '#include "daemon/http/router.h"\n'),
    ("include", "daemon/sandbox/a.cpp", '#include "daemon/session/registry.h"\n'),
    ("include", "daemon/settings.cpp", '#include "daemon/sandbox/server.h"\n'),
    ("include", "daemon/newcomer.cpp", '#include "common/time.h"\n'),
    ("include", "common/a.cpp", '#include "cli/print.h"\n'),
    ("include", "cli/a.cpp", '#include "daemon/wa/jid.h"\n'),
    ("include", "cli/a.cpp", "#include <boost/asio.hpp>\n"),
    ("include", "daemon/wa/a.h", HEADER + "#include <sodium.h>\n"),
    ("include", "daemon/store/a.h", HEADER + "#include <SQLiteCpp/Database.h>\n"),
    ("include", "daemon/session/a.cpp", '#include "daemon/wa/proto/e2e.pb.h"\n'),
    ("include", "daemon/wa/jid.cpp", '#include <string>\n\n#include "daemon/wa/jid.h"\n'),
    ("include", "daemon/wa/a.cpp", '#include "jid.h"\n'),
]

# Looks like an offence and is none.
INNOCENT = [
    ("daemon/wa/a.cpp", "void f() { const auto a = co_await g(b, c); }\n"),
    ("daemon/wa/a.cpp", "void f() { return co_await g(b); }\n"),
    ("daemon/wa/a.cpp", "// A session: it ends with the connection; see Loop::after().\n"),
    ("daemon/wa/io/asio_loop.cpp", "auto t = std::chrono::system_clock::now();\n"),
    ("daemon/wa/a.cpp", "void f() { a.random(); operand(b); }\n"),
    ("daemon/wa/a.cpp", '#include "daemon/wa/proto/e2e.pb.h"\n'),
]


def write(root, path, text):
    file = os.path.join(root, path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)


def found_in(planted):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**CLEAN, **planted}.items():
            write(root, path, text)
        return tidy.check(root) + include_rules.check(root)


class Rules(unittest.TestCase):
    def test_clean_tree_has_no_offence(self):
        self.assertEqual([str(offence) for offence in found_in({})], [])

    def test_each_planted_offence_is_found(self):
        for rule, path, text in PLANTED:
            with self.subTest(rule=rule, text=text[:60]):
                found = [(offence.rule, offence.path) for offence in found_in({path: text})]
                self.assertIn((rule, path), found)

    def test_innocent_code_is_left_alone(self):
        for path, text in INNOCENT:
            with self.subTest(text=text[:60]):
                self.assertEqual([str(offence) for offence in found_in({path: text})], [])

    def test_every_rule_has_a_planted_offence(self):
        self.assertEqual({rule for rule, _, _ in PLANTED}, set(tidy.RULES) | {"include"})

    def test_source_that_nobody_compiles_is_found(self):
        with tempfile.TemporaryDirectory() as root:
            write(root, "daemon/a.cpp", "int a;\n")
            write(root, "daemon/b.cpp", "int b;\n")
            write(root, "build/compile_commands.json", json.dumps([{"directory": root, "file": "daemon/a.cpp"}]))
            offences = tidy.check_compiled(root, os.path.join(root, "build"))
            self.assertEqual([offence.path for offence in offences], ["daemon/b.cpp"])


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=0))
