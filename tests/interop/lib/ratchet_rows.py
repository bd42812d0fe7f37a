#!/usr/bin/env python3
"""Reads, deletes or puts back the stored ratchets of one session with one user, while konekwad is stopped.

Usage: ratchet_rows.py DATABASE SESSION USER dump|delete|put     rows are JSON {address: hex}, on stdout or stdin
"""

import json
import sqlite3
import sys

KIND_SESSION = 0  # the first of the kinds of signal_rows
OF_USER = "session = ? AND kind = ? AND (key LIKE ? || '.%' OR key LIKE ? || '\\_%.%' ESCAPE '\\')"


def main():
    database, session, user, command = sys.argv[1:]
    where = (session, KIND_SESSION, user, user)
    with sqlite3.connect(database) as db:
        rows = db.execute(f"SELECT key, value FROM signal_rows WHERE {OF_USER}", where).fetchall()
        if command == "dump":
            print(json.dumps({key: value.hex() for key, value in rows}))
            return
        if not rows:
            sys.exit(f"session {session} has no ratchet with {user}")
        if command == "delete":
            db.execute(f"DELETE FROM signal_rows WHERE {OF_USER}", where)
            return
        for key, value in json.load(sys.stdin).items():
            changed = db.execute("UPDATE signal_rows SET value = ? WHERE session = ? AND kind = ? AND key = ?",
                                 (bytes.fromhex(value), session, KIND_SESSION, key))
            if changed.rowcount != 1:
                sys.exit(f"there is no ratchet {key} to replace")


if __name__ == "__main__":
    main()
