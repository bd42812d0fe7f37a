"""Every command stands in a transcript, with what it answers."""

import re
import unittest

from surface_test import commands
from transcript_test import FOLDER, parse

# What comes before the words of a command: options, with their values or without.
OPTIONS = r"(?: -[a-z]+| --[a-z-]+(?:=\S+)?(?: (?!-)\S+)?)*?"


def told_commands():
    """Those parts of every transcript that show something: its command lines with an answer or an exit code."""
    for path in sorted((FOLDER / "transcripts").glob("*.txt")):
        for step in parse(path):
            if step.out or step.err or step.code:
                yield re.sub(r"\$\([^)]*\)", "", step.command)   # what a variable holds is not shown


class Coverage(unittest.TestCase):
    def test_every_command_stands_in_a_transcript(self):
        lines = list(told_commands())
        missing = [" ".join(words) for words in commands()
                   if not any(re.search(rf"\bkonekwa{OPTIONS} {re.escape(' '.join(words))}(?![\w-])", line)
                              for line in lines)]
        self.assertGreater(len(lines), 200)
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
