#!/usr/bin/env python3
"""Runs the test files of this folder, a process each, two at a time, each with a limit; those that measure time come
last, one by one. Names given as arguments ("kill") choose among them. The last line is "N passed, N failed"."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
LIMIT_S = int(os.environ.get("KONEKWA_INTEGRATION_LIMIT_S", "180"))
PARALLEL = 2
ALONE = ("crowd",)


def python_with_packages():
    """Debian's packages belong to Debian's Python, and the one that runs this may be another."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        done = subprocess.run([candidate, "-c", "import jsonschema"], capture_output=True, check=False)
        if done.returncode == 0:
            return candidate
    return sys.executable


PYTHON = python_with_packages()


def run(name):
    """(passed, failed)"""
    command = [PYTHON, "-m", "unittest", f"{name}_test"]
    try:
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        print(f"FAIL {name}: not done after {LIMIT_S} s", flush=True)
        return 0, 1
    counted = re.search(r"^Ran (\d+) tests? in ([\d.]+)s", done.stderr, re.MULTILINE)
    total = int(counted.group(1)) if counted else 0
    failed = sum(int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", done.stderr))
    if done.returncode != 0:
        print(f"FAIL {name}\n{done.stdout}{done.stderr}", flush=True)
        return max(total - max(failed, 1), 0), max(failed, 1)
    print(f"{done.stdout}  ok {name}: {total} tests in {counted.group(2)} s", flush=True)
    return total, 0


def main():
    names = sys.argv[1:] or sorted(path.stem.removesuffix("_test") for path in FOLDER.glob("*_test.py"))
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(run, [name for name in names if name not in ALONE]))
    results += [run(name) for name in names if name in ALONE]
    passed, failed = (sum(column) for column in zip(*results))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
