#!/usr/bin/env python3
"""Draws the pictures of README.md: konekwa with konekwad and its sandbox, on a terminal of tmux, as SVG.

    KONEKWA_BIN_DIR=build/dev/bin tests/cli/screenshots.py [FOLDER]     default: docs
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

from screen import Tmux, cells
from transcript_test import BINARIES, ROOT, Daemon

WIDTH, HALF = 8, 8          # of a column, and of half a row: a square of the code
MARGIN = 12
PROMPT = "$ "
PHONE, CUSTOMER = "6281234567890", "6289876543210"
GAP = re.compile(r" {2,}")  # letters of another font are of another width: what follows a gap is placed anew
STYLE = """
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;fill:#24292f}
.b{font-weight:bold}.p{fill:#f6f8fa;stroke:#d0d7de}.c1{fill:#cf222e}.c2{fill:#1a7f37}.c3{fill:#9a6700}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.p{fill:#0d1117;stroke:#30363d}
.c1{fill:#ff7b72}.c2{fill:#3fb950}.c3{fill:#d29922}}
"""
THEME = (None, None)        # colours of the reader's own
CLASSES = {(0xCC, 0x33, 0x33): "c1", (0x2E, 0x8B, 0x57): "c2", (0xB5, 0x89, 0x00): "c3"}
BLOCKS = " ▀▄█"


def as_hex(colour):
    return "#" + "".join(f"{octet:02x}" for octet in colour)


def squares(line):
    """The colours of both halves of a row of cells; None where the reader's own ground is."""
    halves = [[], []]
    for cell in line:
        for half, letters in enumerate(("▀█", "▄█")):
            halves[half].append(cell.front if cell.letter in letters else cell.back)
    return halves


def paths(lines):
    """What is painted, by colour. The unit is a square of the code."""
    drawn = {}
    for y, row in enumerate(half for line in lines for half in squares(line)):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end] == row[x]:
                end += 1
            if row[x] is not None:
                drawn.setdefault(row[x], []).append(f"M{x} {y}h{end - x}v1H{x}z")
            x = end
    for colour, path in drawn.items():
        yield (f'<path shape-rendering="crispEdges" transform="translate({MARGIN} {MARGIN}) scale({WIDTH} {HALF})" '
               f'fill="{as_hex(colour)}" d="{"".join(path)}"/>')


def runs(line):
    """(column, text, classes) of the letters of a row."""
    column = 0
    while column < len(line):
        end = column
        look = (line[column].front, line[column].is_bold)
        while end < len(line) and (line[end].front, line[end].is_bold) == look:
            end += 1
        text = "".join(" " if cell.letter in BLOCKS else cell.letter for cell in line[column:end])
        at = 0
        for gap in [*GAP.finditer(text), None]:
            piece = text[at:gap.start() if gap else None].rstrip()
            shift = len(piece) - len(piece.lstrip())
            if piece.strip():
                yield column + at + shift, piece.strip(), " ".join(
                    filter(None, [CLASSES.get(look[0], ""), "b" if look[1] else ""]))
            at = gap.end() if gap else 0
        column = end


def letters(lines):
    for row, line in enumerate(lines):
        for column, text, classes in runs(line):
            x, y = MARGIN + column * WIDTH, MARGIN + 2 * HALF * row + 12
            look = f' class="{classes}"' if classes else ""
            yield f'<text x="{x}" y="{y}" textLength="{len(text) * WIDTH}"{look}>{escape(text)}</text>'


def frame(shown):
    lines = list(cells(shown, THEME))
    return "\n".join([*paths(lines), *letters(lines)])


def film(seconds):
    """The rules that show frames in turn. Who wants no motion, or has a program without it, sees the still one."""
    total, rules, begin = sum(seconds), ["#s{opacity:1}", ".f{opacity:0}"], 0.0
    rules.append("@media(prefers-reduced-motion:no-preference){")
    for number, length in enumerate(seconds):
        first, last = 100 * begin / total, 100 * (begin + length) / total
        begin += length
        rules.append(f".f{number}{{animation:f{number} {total:g}s step-end infinite}}"
                     f"@keyframes f{number}{{0%{{opacity:{int(number == 0)}}}{first:.2f}%{{opacity:1}}"
                     f"{last:.2f}%{{opacity:0}}}}")
    return "\n".join(rules) + "}\n"


def drawing(title, frames, columns, rows, still=0):
    """frames: (seconds, what the screen showed with its colours)."""
    width, height = columns * WIDTH + 2 * MARGIN, rows * 2 * HALF + 2 * MARGIN
    is_film = len(frames) > 1
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
             f"<title>{escape(title)}</title>",
             f"<style>{STYLE}{film([seconds for seconds, _ in frames]) if is_film else ''}</style>",
             f'<rect class="p" x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="6"/>']
    for number, (_, shown) in enumerate(frames):
        name = ' id="s"' if number == still else ""
        parts.append(f'<g class="f f{number}"{name}>' if is_film else "<g>")
        parts += [frame(shown), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


class Stage:
    """A shell on a terminal beside a daemon. What is typed is seen; what others do is not."""

    def __init__(self, folder, columns, rows):
        self.daemon = Daemon(folder, "--webhook-retry-schedule", "0s,0s,0s", "--allow-url-hosts", "127.0.0.1")
        self.environment = {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8",
                            "PS1": PROMPT, "KONEKWA_URL": f"unix://{self.daemon.socket}"}
        self.columns, self.rows = columns, rows
        self.terminal = Tmux(folder, self.environment, columns, rows)

    def __enter__(self):
        self.daemon.wait_until_it_listens()
        self.terminal.run("bash", "--norc", "--noprofile", "-i")
        self.await_prompt()
        return self

    def __exit__(self, *_):
        self.terminal.end()
        self.daemon.stop()

    def konekwa(self, *words):
        subprocess.run(["konekwa", *words], env=self.environment, check=True, capture_output=True, timeout=60)

    def await_prompt(self):
        self.terminal.wait_for(rf"(\A|\n){re.escape(PROMPT.strip())}\s*\Z")

    def shot(self):
        """The screen, without its empty end."""
        return self.terminal.text(with_colours=True).rstrip()

    def type(self, line):
        self.terminal.type("-l", line)
        self.terminal.wait_for(re.escape(line[-20:]))
        typed = self.shot()
        self.terminal.type("Enter")
        return typed

    def do(self, line):
        typed = self.type(line)
        self.await_prompt()
        return typed, self.shot()


def pairing(stage):
    """From nothing to the first answer of a customer."""
    stage.konekwa("sandbox", "phone", "--number", CUSTOMER, "--name", "Budi")
    frames = [(1.2, stage.type("konekwa pair 'Toko Maju' --id toko"))]
    stage.terminal.wait_for("this code lives")
    frames.append((4, stage.shot()))
    stage.konekwa("sandbox", "scan", "--session", "toko", "--phone", PHONE)
    stage.await_prompt()
    frames.append((2.5, stage.shot()))
    typed, done = stage.do(f"konekwa send --session toko --to {CUSTOMER} --text 'Pesanan siap' --wait delivered")
    frames += [(1.5, typed), (2.5, done)]
    typed = stage.type("konekwa events --after 0 --types message.received --count 1 | jq .data.message.content")
    stage.konekwa("sandbox", "say", "--from", CUSTOMER, "--to", PHONE, "--text", "Terima kasih!")
    stage.await_prompt()
    frames += [(2.5, typed), (5, stage.shot())]
    return drawing("konekwa pair shows a QR code; a phone scans it, and messages go both ways", frames, stage.columns,
                   stage.rows, still=1)


def daily_work(stage):
    """What became of messages and webhooks, and whether all is well."""
    stage.konekwa("sessions", "create", "--name", "Toko Maju", "--id", "toko", "--webhook-message",
                  "http://127.0.0.1:9/wa")
    stage.konekwa("sandbox", "scan", "--session", "toko", "--phone", PHONE)
    stage.konekwa("sandbox", "phone", "--number", CUSTOMER)
    stage.do(f"konekwa send --session toko --to {CUSTOMER} --text 'Pesanan Anda siap diambil' --wait delivered")
    stage.do("konekwa send --session toko --to 6280000000001 --text 'Halo' --wait delivered")
    stage.konekwa("sandbox", "say", "--from", CUSTOMER, "--to", PHONE, "--text", "Terima kasih!")
    stage.konekwa("events", "--after", "0", "--types", "message.received", "--count", "1")
    stage.do("konekwa messages list")
    for _ in range(100):
        done = subprocess.run(["konekwa", "webhooks", "failed", "-q"], env=stage.environment, check=True,
                              capture_output=True, timeout=60)
        if len(done.stdout.split()) == 4:
            break
    stage.do("konekwa webhooks failed")
    _, shown = stage.do("konekwa doctor --fields check,result")
    return drawing("konekwa sends and waits for the receipt, lists messages and webhooks that failed, and looks for "
                   "what is wrong", [(0, shown)], stage.columns, len(shown.split("\n")))


PICTURES = {"pair.svg": (pairing, 92, 35), "send.svg": (daily_work, 120, 50)}


def main():
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs")
    target.mkdir(exist_ok=True)
    for name, (scene, columns, rows) in PICTURES.items():
        folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-picture-"))
        try:
            with Stage(folder, columns, rows) as stage:
                (target / name).write_text(scene(stage))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
