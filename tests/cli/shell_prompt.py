"""A shell at its prompt, on a pseudo terminal: keys go in, and the line that stands there then comes out."""

import fcntl
import os
import pathlib
import pty
import select
import struct
import subprocess
import termios
import time

from pseudo_terminal import LIMIT_S

SHOW = "\x18g"   # Ctrl-X g, which each of them binds to writing its line into a file, and emptying it
LEFT = "\x02"
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
# The line, written beside and then put in place, so that whoever waits for it sees it whole; and how the shell says
# that it is ready.
BINDINGS = {
    "bash": r"""bind 'set enable-bracketed-paste off'; bind 'set completion-query-items 0'
bind 'set page-completions off'
__show() { printf '%s' "$READLINE_LINE" >line.part; READLINE_LINE=; mv line.part line; }; bind -x '"\C-xg": __show'""",
    "zsh": r"""unset zle_bracketed_paste; LISTMAX=10000; autoload -U compinit; compinit -u -D; bindkey -e
__show() { print -rn -- "$BUFFER" >line.part; BUFFER=; mv line.part line }; zle -N __show; bindkey '^Xg' __show""",
    "fish": r"""bind \cxg 'commandline | string collect >line.part; commandline ""; mv line.part line'
function fish_prompt; echo '> '; end""",
}


class Prompt:
    """In `folder`, which it takes for its own. `setup` is lines of the shell's own language."""

    def __init__(self, shell, setup, environment, folder):
        self.folder = pathlib.Path(folder)
        self.output = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        self.process = subprocess.Popen(START[shell], env={**environment, "TERM": "dumb", "HISTFILE": "/dev/null"},
                                        stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        script = self.folder / "setup"
        script.write_text(f"{setup}\n{BINDINGS[shell]}\n")
        self.send("source ./setup; touch ready\r")
        self.wait_for("ready")

    def send(self, keys):
        os.write(self.master, keys.encode())

    def wait_for(self, name):
        end = time.monotonic() + LIMIT_S
        while not (self.folder / name).exists():
            if time.monotonic() > end:
                raise AssertionError(f"the shell does not get there: {self.output.decode(errors='replace')}")
            if select.select([self.master], [], [], 0.02)[0]:   # or it would stop when its terminal is full
                self.output += os.read(self.master, 65536)

    def line_after(self, keys):
        """What becomes of `keys`, typed at an empty prompt, which it leaves behind."""
        shown = self.folder / "line"
        shown.unlink(missing_ok=True)
        self.output = b""
        self.send(keys + SHOW)
        self.wait_for("line")
        return shown.read_text().removesuffix("\n")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
