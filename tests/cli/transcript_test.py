"""Runs tests/cli/transcripts/*.txt: sessions at a prompt that a user can read, against konekwad with its sandbox.

    $ a command line, for bash
    what it prints on stdout; "[...]" stands for any text within a line
    ! what it prints on stderr
    [2]                          its exit code, where that is not 0

Lines that start with "#" and empty lines are for the reader. The commands of a file run in one shell, in an empty
directory, with konekwa on the PATH and KONEKWA_URL set.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
BINARIES = pathlib.Path(os.environ.get("KONEKWA_BIN_DIR", ROOT / "build/dev/bin"))
START_S = 20
SHELL_S = 120
STOP_S = 30


class Step:
    def __init__(self, command, line):
        self.command, self.line = command, line
        self.out, self.err, self.code = [], [], 0


def parse(path):
    steps = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        exit_code = re.fullmatch(r"\[(\d+)\]", line)
        if line.startswith("$ "):
            steps.append(Step(line[2:], number))
        elif not line or line.startswith("#"):
            continue
        elif exit_code:
            steps[-1].code = int(exit_code.group(1))
        elif line.startswith("! "):
            steps[-1].err.append(line[2:])
        else:
            steps[-1].out.append(line)
    return steps


def matches(expected, actual):
    patterns = [".*".join(map(re.escape, line.split("[...]"))) for line in expected]
    return len(expected) == len(actual) and all(map(re.fullmatch, patterns, actual))


class Daemon:
    def __init__(self, directory, *options):
        self.socket = directory / "s"
        self.log = open(directory / "log", "w+", encoding="utf-8", errors="replace")
        arguments = ["--sandbox", "--data-dir", directory / "data", "--socket", self.socket, "--listen", "127.0.0.1:0",
                     *options]
        self.process = subprocess.Popen([BINARIES / "konekwad", *arguments], stdout=self.log, stderr=self.log)

    def wait_until_it_listens(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("konekwad does not start\n" + self.tail())

    def tail(self):
        self.log.seek(0)
        return "".join(self.log.readlines()[-20:])

    def stop(self):
        self.process.terminate()
        self.process.wait(STOP_S)
        self.log.close()


class Transcripts(unittest.TestCase):
    """One test a file."""

    def run_shell(self, steps, directory, url):
        work = directory / "work"
        work.mkdir()
        script = "\n".join(f"{{ {step.command}\n}} >{base}.out 2>{base}.err; echo $? >{base}.code"
                           for step, base in ((step, directory / str(i)) for i, step in enumerate(steps)))
        environment = {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(work), "LC_ALL": "C.UTF-8",
                       "KONEKWA_URL": url, "EXAMPLES": str(ROOT / "examples")}
        subprocess.run(["bash", "-c", script], cwd=work, env=environment, stdin=subprocess.DEVNULL, timeout=SHELL_S,
                       check=True)

    def compare(self, path, step, directory, number):
        out, err = ((directory / f"{number}.{kind}").read_text().splitlines() for kind in ("out", "err"))
        code = int((directory / f"{number}.code").read_text())
        if matches(step.out, out) and matches(step.err, err) and code == step.code:
            return
        seen = "\n".join(["$ " + step.command, *out, *("! " + line for line in err), f"[{code}]"])
        self.fail(f"{path.name}:{step.line} went otherwise:\n{seen}")

    def play(self, path):
        steps = parse(path)
        directory = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-cli-"))
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        daemon = Daemon(directory)
        try:
            daemon.wait_until_it_listens()
            self.run_shell(steps, directory, f"unix://{daemon.socket}")
            for number, step in enumerate(steps):
                self.compare(path, step, directory, number)
        except BaseException:
            print(daemon.tail())
            raise
        finally:
            daemon.stop()


def as_test(path):
    return lambda self: self.play(path)


for transcript in sorted((FOLDER / "transcripts").glob("*.txt")):
    setattr(Transcripts, f"test_{transcript.stem}", as_test(transcript))


if __name__ == "__main__":
    unittest.main()
