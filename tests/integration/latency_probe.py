"""Asks /health on a connection of its own every 50 ms, and prints the latencies as JSON. Runs as a process of its own,
ahead of others where it may, so that the scheduling of whoever loads the daemon is not part of the figure.

    latency_probe.py PORT SECONDS
"""

import gc
import json
import os
import socket
import sys
import time

EVERY_S = 0.05
TIMEOUT_S = 10
REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def ask(port):
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        connection.sendall(REQUEST)
        answer = b""
        while octets := connection.recv(4096):
            answer += octets
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"/health answered {answer[:100]!r}")


def main():
    port, seconds = int(sys.argv[1]), float(sys.argv[2])
    try:
        os.nice(-5)
    except PermissionError:
        pass
    gc.disable()
    latencies_ms, start = [], time.monotonic()
    for i in range(int(seconds / EVERY_S)):
        time.sleep(max(0.0, start + i * EVERY_S - time.monotonic()))
        asked = time.monotonic()
        ask(port)
        latencies_ms.append((time.monotonic() - asked) * 1000)
    json.dump(latencies_ms, sys.stdout)


if __name__ == "__main__":
    main()
