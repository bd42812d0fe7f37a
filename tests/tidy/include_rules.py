#!/usr/bin/env python3
"""Who may include whom: the table of ARCHITECTURE.md as a test.

A part is a folder, or one of the files that stand directly in daemon/. Library headers stay in .cpp files (but in
tests), and each library has its own few places.
"""

import os
import re
import sys

from source_tree import CPP, Offence, code_of, line_of, paths, read, report

# part -> the parts it may include, beside itself. Tests may include everything.
RING = {
    "common": [],
    "cli": ["common"],
    "daemon/wa": ["common"],
    "daemon/sandbox": ["daemon/wa", "common"],
    "daemon/store": ["common"],
    "daemon/net": ["common"],
    "daemon/media_probe": ["common"],
    "daemon/events": ["daemon/store", "daemon/net", "common"],
    "daemon/session": ["daemon/wa", "daemon/store", "daemon/events", "daemon/net", "daemon/media_probe", "common"],
    "daemon/gateway": ["daemon/session", "daemon/store", "daemon/events", "daemon/net", "common"],
    "daemon/http": ["daemon/gateway", "common"],
    "daemon/instance_lock": ["common"],
    "daemon/heartbeats": ["common"],
    "daemon/service_notify": ["common"],
    "daemon/credentials": ["common"],
    "daemon/settings": ["common", "daemon/credentials", "daemon/wa", "daemon/gateway", "daemon/http"],
    "daemon/daemon": ["daemon/settings", "daemon/instance_lock", "daemon/heartbeats", "daemon/service_notify",
                      "daemon/http", "daemon/gateway", "daemon/session", "daemon/events", "daemon/store", "daemon/net",
                      "daemon/media_probe", "daemon/sandbox", "daemon/wa", "common"],
    "daemon/restore": ["common", "daemon/settings", "daemon/instance_lock", "daemon/store"],
    "daemon/main": ["daemon/daemon", "daemon/restore", "daemon/settings", "daemon/service_notify", "common"],
}

# library -> (its headers, where they may be included). A place is a folder or the beginning of a file's path.
LIBRARIES = {
    "protobuf": (r"google/protobuf/|.*\.pb\.h$", ["daemon/wa/", "daemon/sandbox/", "tests/"]),
    "libsignal": (r"signal/|signal_protocol|session_cipher|session_builder|protocol\.h$", ["daemon/wa/signal/", "tests/"]),
    "SQLite": (r"SQLiteCpp/|sqlite3", ["daemon/store/", "tests/"]),
    "Beast and Asio": (r"boost/", ["daemon/wa/io/", "daemon/sandbox/", "daemon/http/", "tests/"]),
    "cpp-httplib": (r"httplib\.h", ["common/api/", "tests/"]),
    "CLI11": (r"CLI/", ["cli/", "daemon/settings", "daemon/sandbox/main.cpp", "tests/"]),
    "libcurl": (r"curl/", ["daemon/net/", "tests/"]),
    "libsodium": (r"sodium", ["common/", "daemon/wa/", "daemon/sandbox/", "daemon/store/", "daemon/events/",
                              "daemon/session/", "daemon/gateway", "daemon/http/", "tests/"]),
    "OpenSSL": (r"openssl/", ["daemon/wa/", "daemon/sandbox/", "tests/"]),
    "zlib": (r"zlib\.h", ["daemon/wa/", "daemon/sandbox/", "tests/"]),
    "libav": (r"lib(av|sw)\w+/", ["daemon/media_probe/program/"]),
    "libseccomp": (r"seccomp\.h", ["daemon/media_probe/program/"]),
    "libqrencode": (r"qrencode\.h", ["cli/", "daemon/http/", "tests/"]),
    "libpng": (r"png\.h", ["daemon/http/", "tests/"]),
    "prometheus-cpp": (r"prometheus/", ["daemon/http/", "tests/"]),
    "libsystemd": (r"systemd/", ["daemon/service_notify"]),
    "spdlog": (r"spdlog/", ["common/log"]),
    "nlohmann/json": (r"nlohmann/json\.hpp", ["common/", "cli/", "daemon/", "tests/"]),
}

# Headers that may include a library's headers all the same, and why.
HEADER_EXCEPTIONS = {
    "cmake/precompiled.h": "the standard headers of every file",
    "cli/precompiled.h": "the libraries of nearly every file of the CLI",
    "daemon/sandbox/ws_transport.h": "takes the request that http_connection.cpp has read",
    "daemon/wa/signal/libsignal.h": "ownership of libsignal's objects, for the sources of this folder alone",
    "daemon/sandbox/admin_call.h": "a call holds its JSON, and every handler reads that",
    "daemon/sandbox/socket_stream.h": "a stream for Beast's templates; three sources of this folder include it",
    "daemon/wa/io/tcp_connect.h": "hands a connected socket from one .cpp of this folder to another",
    "daemon/wa/io/tls_stream.h": "a stream for Beast's templates; websocket.cpp and tests include it",
    "common/api/client.h": "a response holds its JSON, and everyone who reads a response reads that",
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)
TOP_FOLDERS = ("common/", "cli/", "daemon/", "tests/", "cmake/")


def part_of(path):
    """daemon/wa/io/loop.h -> daemon/wa; daemon/gateway_sessions.cpp -> daemon/gateway; tests/... -> tests."""
    folders = path.split("/")
    if folders[0] != "daemon":
        return folders[0]
    if len(folders) > 2:
        return "/".join(folders[:2])
    stem = os.path.splitext(folders[1])[0]
    known = [part for part in RING if "daemon/" + stem == part or ("daemon/" + stem).startswith(part + "_")]
    return known[0] if known else "daemon/" + stem


def ring_offence(path, included):
    if not included.startswith(TOP_FOLDERS):
        return None if included.endswith(".pb.h") else f'"{included}" does not start with the folder it is in'
    part, target = part_of(path), part_of(included)
    if part in ("tests", target) or target == "cmake":
        return None
    if part not in RING:
        return f"the part {part} has no row in include_rules.py"
    return None if target in RING[part] else f"{part} may not include {target} ({included})"


def library_offence(path, included):
    for library, (headers, places) in LIBRARIES.items():
        if not re.match(headers, included):
            continue
        if path.endswith(".h") and not path.startswith("tests/") and path not in HEADER_EXCEPTIONS:
            return f"{library} belongs in .cpp files (<{included}>)"
        if not any(path.startswith(place) for place in places):
            return f"{library} is not used in this part (<{included}>)"
    return None


def own_header_offence(root, path, first):
    own = os.path.splitext(path)[0] + ".h"
    if not path.endswith(".cpp") or not os.path.exists(os.path.join(root, own)) or first == own:
        return None
    return f'the first include is not the own header "{own}"'


def check(root):
    offences = []
    for path in paths(root):
        if not path.endswith(CPP) or not path.startswith(TOP_FOLDERS):
            continue
        text = read(root, path)
        uncommented = code_of(text)
        first = None
        for match in INCLUDE.finditer(text):
            if "#" not in uncommented[match.start():match.end()]:
                continue  # inside a comment or a literal
            quoted, bracketed = match.group(1), match.group(2)
            first = first or quoted or bracketed
            faults = [library_offence(path, quoted or bracketed), ring_offence(path, quoted) if quoted else None]
            offences += [Offence("include", path, line_of(text, match.start()), fault) for fault in faults if fault]
        fault = first and own_header_offence(root, path, first)
        if fault:
            offences.append(Offence("include", path, 1, fault))
    return offences


if __name__ == "__main__":
    sys.exit(report(check(sys.argv[1] if len(sys.argv) > 1 else ".")))
