"""HTTP octet by octet: sends what no client library would, and reads answers strictly."""

import json
import socket
import struct
import time

TIMEOUT_S = 10


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def field(self, name):
        """The value of a field that is there once at most."""
        values = [value for key, value in self.fields if key == name]
        assert len(values) < 2, f"{name} is there {len(values)} times"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)


class RawConnection:
    """To a port of 127.0.0.1 or to the path of a Unix socket."""

    def __init__(self, address):
        is_path = isinstance(address, str)
        self.socket = socket.socket(socket.AF_UNIX if is_path else socket.AF_INET)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect(address if is_path else ("127.0.0.1", address))
        if not is_path:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets):
        """Quiet when the other end has closed already: what it said tells more."""
        try:
            self.socket.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def end_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        """Ends the connection by RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _fill(self):
        octets = self.socket.recv(64 * 1024)
        self.received += octets
        return bool(octets)

    def answer(self, to_head=False):
        """The next answer; None when the connection ends before the first octet of one."""
        while b"\r\n\r\n" not in self.received:
            if not self._fill():
                assert not self.received, f"half an answer: {self.received!r}"
                return None
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        lines = head.decode("ascii").split("\r\n")
        version, status, _ = lines[0].split(" ", 2)
        assert version == "HTTP/1.1" and len(status) == 3, lines[0]
        fields = [tuple(line.split(": ", 1)) for line in lines[1:]]
        answer = Answer(int(status), [(name.lower(), value) for name, value in fields], b"")
        if answer.status >= 200 and not to_head:
            size = int(answer.field("content-length"))
            while len(self.received) < size:
                assert self._fill(), f"the body ended after {len(self.received)} of {size} octets"
            answer.body, self.received = self.received[:size], self.received[size:]
        return answer

    def rest(self):
        """Everything until the other end closes."""
        deadline = time.monotonic() + TIMEOUT_S
        try:
            while self._fill():
                assert time.monotonic() < deadline, "the connection stays open"
        except ConnectionResetError:
            pass
        except TimeoutError:
            raise AssertionError(f"the connection stays open after {self.received!r}") from None
        return self.received
