"""What a terminal shows: text with SGR sequences as cells, cells as pixels; and terminals of any size, by tmux."""

import re
import subprocess
import time

CELL_WIDTH, CELL_HEIGHT = 8, 16
WAIT_S = 20
DARK_THEME = ((0x1E, 0x1E, 0x1E), (0xD4, 0xD4, 0xD4))     # ground, letters
LIGHT_THEME = ((0xFD, 0xF6, 0xE3), (0x58, 0x6E, 0x75))
# 0 and 7 are black and white of the first eight, as xterm shows them.
PALETTE = {0: (0, 0, 0), 7: (0xE5, 0xE5, 0xE5), 1: (0xCC, 0x33, 0x33), 2: (0x2E, 0x8B, 0x57), 3: (0xB5, 0x89, 0x00),
           16: (0, 0, 0), 231: (255, 255, 255)}
# A "#" as terminals draw it: less than half of its cell.
HASH = ["........"] * 3 + [".##..##."] * 2 + ["########"] * 2 + [".##..##."] * 2 + ["########"] * 2 + \
       [".##..##."] * 2 + ["........"] * 3


class Cell:
    def __init__(self, letter, back, front, is_bold=False):
        self.letter, self.back, self.front, self.is_bold = letter, back, front, is_bold

    def rows(self):
        """Its pixels: CELL_HEIGHT rows of CELL_WIDTH colours. Other letters than those of codes are left out."""
        half = CELL_HEIGHT // 2
        if self.letter == "#":
            return [[self.front if dot == "#" else self.back for dot in line] for line in HASH]
        upper = self.front if self.letter in "▀█" else self.back
        lower = self.front if self.letter in "▄█" else self.back
        return [[upper] * CELL_WIDTH] * half + [[lower] * CELL_WIDTH] * half


class Pen:
    """What SGR sequences say of the letters to come: those that konekwa and tmux use."""

    def __init__(self, theme):
        self.theme = theme
        self.reset()

    def reset(self):
        self.back, self.front = self.theme
        self.is_bold = False

    def obey(self, numbers):
        numbers = [int(number or 0) for number in numbers.split(";")]
        while numbers:
            code, *numbers = numbers
            if code in (38, 48):
                _, colour, *numbers = numbers
                self.front, self.back = ((PALETTE[colour], self.back) if code == 38 else
                                         (self.front, PALETTE[colour]))
            elif code == 0:
                self.reset()
            elif code == 1:
                self.is_bold = True
            elif code == 22:
                self.is_bold = False
            elif code in (39, 49):
                self.front, self.back = ((self.theme[1], self.back) if code == 39 else (self.front, self.theme[0]))
            elif code >= 40:
                self.back = PALETTE[code - 40]
            else:
                self.front = PALETTE[code - 30]


def cells(text, theme):
    """Lines of cells. Colours last over the end of a line, as they do in tmux."""
    pen = Pen(theme)
    for line in text.splitlines():
        row = []
        for sequence, letter in re.findall(r"\x1b\[([\d;]*)m|(.)", line):
            if letter:
                row.append(Cell(letter, pen.back, pen.front, pen.is_bold))
            else:
                pen.obey(sequence)
        yield row


def picture(rows):
    """A picture as zbarimg reads it, of rows of colours."""
    return b"P6 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(bytes(colour) for row in rows for colour in row)


def painted(text, theme):
    """The lines as a terminal paints them, with a margin of its own colour: rows of colours."""
    margin = 32
    lines = list(cells(text, theme))
    columns = max(map(len, lines))
    rows = []
    for line in lines:
        line += [Cell(" ", *theme)] * (columns - len(line))
        glyphs = [cell.rows() for cell in line]
        for y in range(CELL_HEIGHT):
            row = [colour for glyph in glyphs for colour in glyph[y]]
            rows.append([theme[0]] * margin + row + [theme[0]] * margin)
    edge = [[theme[0]] * len(rows[0])] * margin
    return edge + rows + edge


def photographed(rows, step=4):
    """The same from some way off: squares of pixels run together, as they do in a camera."""
    def mean(x, y):
        near = [rows[y + j][x + i] for j in range(step) for i in range(step)]
        return tuple(sum(colour[k] for colour in near) // len(near) for k in range(3))
    return [[mean(x, y) for x in range(0, len(rows[0]) - step + 1, step)]
            for y in range(0, len(rows) - step + 1, step)]


class Tmux:
    """A terminal. Each has a server of its own, on a socket in the folder: one that is about to end with its last
    screen takes no other."""

    servers = 0

    def __init__(self, folder, environment, columns, rows):
        Tmux.servers += 1
        self.environment = environment   # tmux gives its programs a TERM of its own
        self.server = ["tmux", "-S", folder / f"tmux{Tmux.servers}", "-f", "/dev/null", "-u"]
        self.size = ["-x", str(columns), "-y", str(rows)]

    def ask(self, *words, is_checked=True):
        done = subprocess.run([*self.server, *words], env=self.environment, capture_output=True, text=True,
                              timeout=30, check=is_checked, encoding="utf-8")
        return done.stdout

    def run(self, *command):
        self.ask("new-session", "-d", *self.size, *command)

    def text(self, with_colours=False):
        return self.ask("capture-pane", "-p", *(["-e", "-N"] if with_colours else []))

    def type(self, *keys):
        self.ask("send-keys", *keys)

    def resize(self, columns, rows):
        self.ask("resize-window", "-x", str(columns), "-y", str(rows))

    def wait_until(self, condition):
        deadline = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("the screen stays\n" + self.text())
            time.sleep(0.05)

    def wait_for(self, pattern):
        """The screen that has it."""
        seen = []

        def is_there():
            seen.append(self.text())
            return re.search(pattern, seen[-1])
        self.wait_until(is_there)
        return seen[-1]

    def end(self):
        self.ask("kill-server", is_checked=False)
