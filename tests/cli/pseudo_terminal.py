"""A program on a terminal, octet by octet: what it writes and when, and what stands on the screen after each piece."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

LIMIT_S = 30
SEQUENCE = re.compile(r"\x1b\[([\d;?]*)([A-Za-z])|\x1b(?!\[)|([^\x1b])", re.DOTALL)


class Screen:
    """The little of a terminal that konekwa relies on: carriage return, line feed, cursor up and home, erase, the
    alternate screen, colours. Text beyond the last column is kept, so that a test can see it. Anything else is no part
    of it, and an error."""

    def __init__(self):
        self.lines, self.row, self.column = [""], 0, 0
        self.other = None   # the screen before the alternate one

    def feed(self, text):
        for numbers, verb, letter in SEQUENCE.findall(text):
            if letter == "\r":
                self.column = 0
            elif letter == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif letter:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[:self.column] + letter + line[self.column + 1:]
                self.column += 1
            elif numbers == "?1049":
                if verb == "h":
                    self.other, self.lines, self.row, self.column = (self.lines, self.row, self.column), [""], 0, 0
                else:
                    self.lines, self.row, self.column = self.other
            elif verb == "H" and not numbers:
                self.row, self.column = 0, 0
            elif (verb, numbers) == ("J", "2"):
                self.lines = [""] * (self.row + 1)
            elif (verb, numbers) == ("K", "2"):
                self.lines[self.row] = ""
            elif verb == "A":
                self.row = max(0, self.row - int(numbers or 1))
            elif verb in ("K", "J") and numbers in ("", "0"):
                self.lines[self.row] = self.lines[self.row][:self.column]
                self.lines[self.row + 1:] = [] if verb == "J" else self.lines[self.row + 1:]
            elif verb != "m":
                raise AssertionError(f"an unexpected sequence: {numbers!r} {verb!r}")

    def text(self):
        return "\n".join(self.lines)


class Run:
    """What came of a program: its exit code, what its terminal got, in pieces, what went elsewhere, and how the
    terminal took keys in the beginning, when the program was interrupted, and in the end."""

    def __init__(self):
        self.keys = []
        self.ended_s = 0.0   # since the start
        self.code, self.pieces, self.out, self.err = None, [], b"", b""   # pieces: (seconds since the start, octets)

    def shown(self):
        return b"".join(piece for _, piece in self.pieces).decode()

    def screens(self):
        """(seconds since the start, the whole screen) after each piece."""
        screen, rest = Screen(), b""
        for when, piece in self.pieces:
            rest += piece   # which may end within a letter or a sequence
            whole = re.sub(r"\x1b(\[[\d;?]*)?$", "", rest.decode(errors="ignore"))
            rest = rest[len(whole.encode()):]
            screen.feed(whole)
            yield when, screen.text()

    def last_screen(self):
        return [screen for _, screen in self.screens()][-1] if self.pieces else ""


def suspend(process):
    """What Ctrl-Z and fg do, with the time between them in which the program is stopped."""
    process.send_signal(signal.SIGTSTP)
    end = time.monotonic() + LIMIT_S
    while (stopped := os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOHANG)) is None:
        if time.monotonic() > end:
            raise AssertionError("it does not stop")
        time.sleep(0.01)
    if stopped.si_status != signal.SIGTSTP:   # which a shell tells its user as 148
        raise AssertionError(f"it is stopped by signal {stopped.si_status}")
    process.send_signal(signal.SIGCONT)


def on_terminal(words, environment, columns=80, rows=40, *, out=True, err=True, reads=False, interrupt_when=None,
                typed="", how=lambda process: process.send_signal(signal.SIGINT)):
    """Runs it with stdout, stderr or both on a terminal, and the rest in pipes; with stdin on it when it `reads`.
    `interrupt_when` is a text: once the terminal has got it, `typed` is typed and the program gets a SIGINT, or what
    else `how` does."""
    run, begin = Run(), time.monotonic()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(words, env=environment, stdin=slave if reads else subprocess.DEVNULL,
                               stdout=slave if out else subprocess.PIPE, stderr=slave if err else subprocess.PIPE,
                               preexec_fn=os.setpgrp)   # a job of its own: only such a one can be suspended
    os.close(slave)
    run.keys.append(termios.tcgetattr(master))
    readers = {master: None, **({process.stdout.fileno(): "out"} if not out else {}),
               **({process.stderr.fileno(): "err"} if not err else {})}
    while readers:
        ready, _, _ = select.select(list(readers), [], [], max(0, begin + LIMIT_S - time.monotonic()))
        if not ready:
            process.kill()
            process.wait()
            raise AssertionError(f"{words} does not end: {run.shown()}")
        for descriptor in ready:
            try:
                piece = os.read(descriptor, 65536)
            except OSError:   # what a terminal says when nobody has it open any more
                piece = b""
            if not piece:
                del readers[descriptor]
            elif readers[descriptor] is None:
                run.pieces.append((time.monotonic() - begin, piece))
                if interrupt_when is not None and interrupt_when.encode() in b"".join(part for _, part in run.pieces):
                    interrupt_when = None
                    run.keys.append(termios.tcgetattr(master))
                    os.write(master, typed.encode())
                    how(process)
            else:
                setattr(run, readers[descriptor], getattr(run, readers[descriptor]) + piece)
    run.keys.append(termios.tcgetattr(master))
    os.close(master)
    run.code = process.wait()
    run.ended_s = time.monotonic() - begin
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    return run
