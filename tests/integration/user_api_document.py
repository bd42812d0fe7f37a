"""The commands of the API's document, word for word: user_api/commands.txt holds each with the status and the body that
the document prints for it.

    === 202
    curl -X POST http://localhost:8080/v1/messages \\
    -H "X-API-Key: your_api_token" ...
    ---
    {"message_id": "msg_abc123def456", ...}
"""

import dataclasses
import json
import os
import pathlib
import re
import subprocess

COMMANDS = pathlib.Path(__file__).resolve().parent / "user_api/commands.txt"
KEYS = ("your_api_token_here", "your_api_token")
LIMIT_S = 30
# Ids that the document made up: each becomes the real one as soon as an answer has told it.
IDS = ("session-001", "ses_xyz789", "msg_abc123def456", "msg_abc123", "tpl_abc123", "wh_fail_001")
# Values that the document made up and nobody could match.
FREE = ("phone_number", "next_page_token", "total_count", "url", "deleted_count")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclasses.dataclass
class Example:
    status: int
    command: str
    body: object   # None where the document prints none

    @property
    def call(self):
        """"POST /v1/messages": the method and the path as they are printed."""
        method, target = re.match(r"curl -X (\w+) \"?http://localhost:8080([^\s?\"]*)", self.command).groups()
        return f"{method} {target}"


def examples():
    found = []
    for text in COMMANDS.read_text().split("=== ")[1:]:
        status, _, rest = text.partition("\n")
        command, _, body = rest.partition("\n---\n")
        found.append(Example(int(status), command.strip(), json.loads(body) if body else None))
    return found


class Document:
    """Runs the document's commands against one daemon, and remembers which real id stands for which printed one."""

    def __init__(self, directory, port, key, webhook_host):
        self.port, self.key, self.webhook_host = port, key, webhook_host
        self.ids = {}
        self.home = directory
        (directory / ".curlrc").write_text(f'silent\nshow-error\nnoproxy = "*"\nmax-time = {LIMIT_S}\n'
                                           'write-out = "\\n%{http_code} %{content_type}"\n')

    def real(self, text):
        text = text.replace("localhost:8080", f"localhost:{self.port}").replace("yourapp.com", self.webhook_host)
        for key in KEYS:
            text = text.replace(key, self.key)
        for printed, real in sorted(self.ids.items(), key=lambda pair: -len(pair[0])):
            text = text.replace(printed, real)
        return text

    def run(self, command):
        """(status, JSON) of what bash and curl make of the command."""
        done = subprocess.run(["bash", "-c", self.real(command)], env={**os.environ, "CURL_HOME": str(self.home)},
                              capture_output=True, text=True, timeout=2 * LIMIT_S, check=False)
        assert done.returncode == 0, f"{command}\nended with {done.returncode}: {done.stderr}"
        body, _, outcome = done.stdout.rpartition("\n")
        status, content_type = outcome.split(" ", 1)
        assert content_type == "application/json", f"{command}\nanswered {content_type}: {body[:200]}"
        return int(status), json.loads(body)

    def mismatch(self, printed, answered, path=""):
        """Why the answer is not as printed: its keys in their order before all others, their types, and their values
        where the document means them. "" when it is; then ids that were unknown are known."""
        if isinstance(printed, dict):
            return self._object_mismatch(printed, answered, path)
        if isinstance(printed, list):
            return self._list_mismatch(printed, answered, path)
        if type(printed) is not type(answered):
            return f"{path} is {answered!r}, printed is {printed!r}"
        name = path.rpartition(".")[2]
        if name in FREE:
            return "" if answered else f"{path} is empty"
        if isinstance(printed, str) and TIME.fullmatch(printed):
            return "" if TIME.fullmatch(answered) else f"{path} is not a time such as {printed}: {answered!r}"
        if printed in IDS and printed not in self.ids:
            self.ids[printed] = answered
            return "" if answered else f"{path} is empty"
        wanted = self.real(printed) if isinstance(printed, str) else printed
        return "" if wanted == answered else f"{path} is {answered!r}, printed is {wanted!r}"

    def _object_mismatch(self, printed, answered, path):
        if not isinstance(answered, dict):
            return f"{path} is {answered!r}, not an object"
        if list(answered)[:len(printed)] != list(printed):
            return f"{path} has the keys {list(answered)}, printed are {list(printed)}"
        known = dict(self.ids)
        for name, value in printed.items():
            if why := self.mismatch(value, answered[name], f"{path}.{name}"):
                self.ids = known   # an id of another object is not the one that is meant
                return why
        return ""

    def _list_mismatch(self, printed, answered, path):
        """Each printed item is one of the list."""
        if not isinstance(answered, list) or not answered:
            return f"{path} is {answered!r}, not a list of something"
        for item in printed:
            reasons = []
            for other in answered:
                reasons.append(self.mismatch(item, other, f"{path}[]"))
                if not reasons[-1]:
                    break
            else:
                return reasons[0]
        return ""
