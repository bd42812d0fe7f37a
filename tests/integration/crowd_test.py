"""Clients that do nothing, and clients that send their header an octet at a time, cost the others nothing. This
measures time, so that it wants the machine for itself: run.py runs it after the others."""

import json
import resource
import selectors
import statistics
import subprocess
import sys
import time

from programs import ProcessTest
from raw_http import RawConnection

IDLE = 1000
SLOW = 1000
DRIP_EVERY_S = 2.0
HEADER_DEADLINE_S = (9.5, 12.0)
PROBE_S = 12
CALM_PROBE_S = 6
P99_MS_MAX = 20
P99_TIMES_UNLOADED_MAX = 5
FILES = IDLE + SLOW + 200
# A header that never ends, whatever has trickled in.
DRIP = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"b" * 100


def allow_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise AssertionError(f"this test needs {count} open files, the limit is {hard}")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def p99(latencies):
    return sorted(latencies)[int(len(latencies) * 0.99)]


def steady_p99(latencies):
    """Of the whole run, or the median of its thirds where that is less: one disturbance of the machine, which fills a
    percent of the run, does not decide."""
    third = len(latencies) // 3
    return min(p99(latencies), statistics.median(p99(latencies[i * third:(i + 1) * third]) for i in range(3)))


def start_probe(port, seconds):
    command = [sys.executable, "latency_probe.py", str(port), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def result_of(probe):
    text, _ = probe.communicate(timeout=60)
    assert probe.returncode == 0, "the probe was not served"
    return json.loads(text)


class SlowClient:
    """Sends DRIP an octet every DRIP_EVERY_S until the other end closes."""

    def __init__(self, port):
        self.socket = RawConnection(port).socket
        self.socket.setblocking(False)
        self.first_at = self.next_at = self.closed_at = None
        self.sent = 0
        self.answer = b""

    def drip(self, now):
        if self.next_at is not None and now < self.next_at:
            return
        try:
            self.socket.send(DRIP[self.sent:self.sent + 1])
        except OSError:
            pass   # what was read tells when it ended
        self.first_at = self.first_at or now
        self.next_at = (self.next_at or now) + DRIP_EVERY_S
        self.sent += 1

    def read(self, now):
        """False when the connection has ended."""
        try:
            octets = self.socket.recv(4096)
        except ConnectionResetError:
            octets = b""
        self.answer += octets
        if not octets:
            self.closed_at = now
        return bool(octets)


class Crowd(ProcessTest):
    def setUp(self):
        super().setUp()
        allow_files(FILES)
        self.daemon = self.konekwad(rate_limits=False).start()

    def hold(self, count, make):
        held = []
        for i in range(count):
            held.append(make(self.daemon.port))
            self.addCleanup(held[-1].socket.close)
        return held

    def drip_until_cut_off(self, clients, limit_s):
        deadline = time.monotonic() + limit_s
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client.socket, selectors.EVENT_READ, client)
            while selector.get_map() and time.monotonic() < deadline:
                for key, _ in selector.select(0.02):
                    if not key.data.read(time.monotonic()):
                        selector.unregister(key.fileobj)
                now = time.monotonic()
                for key in selector.get_map().values():
                    key.data.drip(now)

    def test_idle_and_slow_clients_cost_the_others_nothing(self):
        calm = result_of(start_probe(self.daemon.port, CALM_PROBE_S))
        idle = self.hold(IDLE, RawConnection)
        slow = self.hold(SLOW, SlowClient)
        probe = start_probe(self.daemon.port, PROBE_S)
        self.drip_until_cut_off(slow, PROBE_S + 3)
        crowded = result_of(probe)

        lives = sorted(client.closed_at - client.first_at for client in slow if client.closed_at)
        print(f"{IDLE} idle and {SLOW} slow clients: /health p99 {steady_p99(crowded):.2f} ms, without them "
              f"{steady_p99(calm):.2f} ms (worst {max(crowded):.2f} and {max(calm):.2f} ms); "
              f"slow ones cut off after {lives[0]:.2f} to {lives[-1]:.2f} s" if lives else "no slow client was cut off",
              flush=True)
        self.assertEqual(len(crowded), PROBE_S * 20)
        self.assertEqual(len(lives), SLOW, "slow clients that were not cut off")
        self.assertGreaterEqual(lives[0], HEADER_DEADLINE_S[0])
        self.assertLessEqual(lives[-1], HEADER_DEADLINE_S[1])
        self.assertEqual({client.answer[:13] for client in slow}, {b"HTTP/1.1 408 "})
        self.assertLess(steady_p99(crowded), max(P99_MS_MAX, P99_TIMES_UNLOADED_MAX * steady_p99(calm)))
        self.check_served(idle)

    def check_served(self, idle):
        """The idle ones are still there, and get an answer when they ask after all."""
        for connection in idle[::50]:
            connection.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertEqual(connection.answer().status, 200)
