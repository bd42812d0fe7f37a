"""A session with a proxy: everything it says goes through there, and without the proxy it says nothing."""

import base64
import socket
import threading

from programs import ProcessTest, demand, until

USER, PASSWORD = "toko", "rahasia"


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise OSError("the client is gone")
        data += more
    return data


class Proxy:
    """HTTP CONNECT and SOCKS5 on one port, both with credentials. Counts the tunnels it made and the clients it
    refused; it dials where the clients want to, on loopback."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.tunnels, self.refused = [], 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            first = client.recv(1, socket.MSG_PEEK)
            host, port = self.socks(client) if first == b"\x05" else self.connect(client)
        except (OSError, PermissionError):
            self.refused += 1
            client.close()
            return
        self.tunnels.append((host, port))
        target = socket.create_connection((host, port))
        threading.Thread(target=pump, args=(client, target), daemon=True).start()
        pump(target, client)

    def socks(self, client):
        methods = read_exactly(client, read_exactly(client, 2)[1])
        if 2 not in methods:
            raise PermissionError
        client.sendall(b"\x05\x02")
        user = read_exactly(client, read_exactly(client, 2)[1]).decode()
        password = read_exactly(client, read_exactly(client, 1)[0]).decode()
        if (user, password) != (USER, PASSWORD):
            client.sendall(b"\x01\x01")
            raise PermissionError
        client.sendall(b"\x01\x00")
        kind = read_exactly(client, 4)[3]
        host = (socket.inet_ntoa(read_exactly(client, 4)) if kind == 1
                else read_exactly(client, read_exactly(client, 1)[0]).decode())
        port = int.from_bytes(read_exactly(client, 2), "big")
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        return host, port

    def connect(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += read_exactly(client, 1)
        lines = head.decode().split("\r\n")
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if not any(line.lower().startswith("proxy-authorization:") and line.endswith(expected) for line in lines):
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            raise PermissionError
        host, _, port = lines[0].split(" ")[1].rpartition(":")
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return host, int(port)

    def url(self, scheme, password=PASSWORD):
        return f"{scheme}://{USER}:{password}@127.0.0.1:{self.port}"

    def stop(self):
        self.listener.close()


class SessionBehindAProxy(ProcessTest):
    def setUp(self):
        super().setUp()
        self.net = self.sandbox()
        self.proxy = self.own(Proxy())
        self.daemon = self.konekwad(sandbox=self.net).start()

    def create(self, proxy_url):
        answer = self.daemon.api("POST", "/v1/sessions", {"name": "Toko", "proxy_url": proxy_url})
        self.assertIn(":***@", answer["proxy_url"])
        return answer["id"]

    def status(self, session):
        return self.daemon.api("GET", f"/v1/sessions/{session}")

    def talk(self, scheme):
        session = self.create(self.proxy.url(scheme))
        self.daemon.link(session, self.net)
        phone = self.net.create_account("Penjual")
        self.daemon.send(session, phone, "lewat proxy")
        until("the text is there", lambda: [m["text"] for m in self.net.inbox(phone)] == ["lewat proxy"])
        ours = ("127.0.0.1", int(self.net.url.split(":")[2].split("/")[0]))
        self.assertGreaterEqual(self.proxy.tunnels.count(ours), 2)   # the linking, and the login after it
        return session

    def test_over_socks5(self):
        self.talk("socks5")

    def test_over_http_connect(self):
        self.talk("http")

    def test_wrong_credentials_are_told_and_nothing_goes_past_the_proxy(self):
        session = self.create(self.proxy.url("socks5", "salah"))
        until("the proxy is blamed", lambda: self.status(session).get("status_reason") == "PROXY_ERROR")
        self.assertEqual(self.status(session)["status"], "DISCONNECTED")
        self.assertGreaterEqual(self.proxy.refused, 1)
        self.assertEqual(self.proxy.tunnels, [])
        self.assertNotIn("qr", demand(self.daemon.tcp(), "GET", f"/api/v1/qr/{session}"))
        self.assertNotIn("salah", str(self.status(session)))

        mended = self.daemon.api("PATCH", f"/v1/sessions/{session}", {"proxy_url": self.proxy.url("socks5")})
        self.assertIn(":***@", mended["proxy_url"])
        self.daemon.link(session, self.net)

    def test_a_proxy_that_is_taken_away_leaves_a_direct_connection(self):
        session = self.talk("http")
        before = len(self.proxy.tunnels)
        self.assertNotIn("proxy_url", self.daemon.api("PATCH", f"/v1/sessions/{session}", {"proxy_url": None}))
        until("it is connected anew", lambda: self.status(session)["status"] == "CONNECTED")
        phone = self.net.create_account("Pembeli")
        self.daemon.send(session, phone, "langsung")
        until("the text is there", lambda: [m["text"] for m in self.net.inbox(phone)] == ["langsung"])
        self.assertEqual(len(self.proxy.tunnels), before)
