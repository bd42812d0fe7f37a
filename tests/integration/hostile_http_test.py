"""What hostile and broken clients send, over TCP and over the Unix socket: each vector has exactly one right answer, no
second request is ever found inside a first, the connection closes where its state is in doubt, and the daemon goes on.

A vector is a line of a table. Unless it says otherwise it is followed on the wire by SMUGGLED, a whole request that
must not be answered when the connection has to close, and must be when it goes on."""

import gzip
import itertools
import json

from programs import ProcessTest
from raw_http import RawConnection

HOST = b"Host: localhost\r\n"
KEY = b"X-API-Key: <key>\r\n"
SMUGGLED = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: smuggled\r\n\r\n"
PROBE = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: probe\r\n\r\n"
CODES = {400: ("INVALID_REQUEST", "INVALID_JSON"), 401: ("UNAUTHORIZED", "INVALID_API_KEY"),
         404: ("NOT_FOUND", "SESSION_NOT_FOUND"), 405: ("METHOD_NOT_ALLOWED",), 408: ("INVALID_REQUEST",),
         413: ("PAYLOAD_TOO_LARGE",), 414: ("INVALID_REQUEST",), 415: ("UNSUPPORTED_MEDIA_TYPE",),
         417: ("INVALID_REQUEST",), 431: ("INVALID_REQUEST",), 505: ("INVALID_REQUEST",)}

KIB = 1024


def get(fields=b"", body=b"", target=b"/health", method=b"GET", host=HOST):
    return method + b" " + target + b" HTTP/1.1\r\n" + host + fields + b"\r\n" + body


def post(fields=b"", body=b""):
    """A POST that is right in all but what is given: 200 when its body is framed well, whatever it holds."""
    return get(KEY + fields, body, b"/v1/sessions/<session>/disconnect", b"POST")


def chunked(body):
    return post(b"Transfer-Encoding: chunked\r\n", body)


# Lines of a header that make framing ambiguous or cannot be read in one way only: 400, and the connection closes.
REFUSED_FIELDS = [
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, gzip",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunkedx",
    b"Transfer-Encoding: chunk",
    b"Transfer-Encoding: cow",
    b"Transfer-Encoding: \"chunked\"",
    b"Transfer-Encoding: 'chunked'",
    b"Transfer-Encoding: ,chunked",
    b"Transfer-Encoding: chunked,",
    b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding: chunked chunked",
    b"Transfer-Encoding: chu nked",
    b"Transfer-Encoding:",
    b"Transfer-Encoding: \x0bchunked",
    b"Transfer-Encoding: \x0cchunked",
    b"Transfer-Encoding: \x00chunked",
    b"Transfer-Encoding: chunked\x00",
    b"Transfer-Encoding: chunked\x7f",
    b"Transfer-Encoding: \xa0chunked",
    b"Transfer-Encoding: chunked\xc2\xa0",
    b"Transfer-Encoding: ch\xc3\xbcnked",
    b"Transfer-Encoding: \xef\xbb\xbfchunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding\t: chunked",
    b"Transfer-Encoding\x00: chunked",
    b"Transfer-Encoding\x0b: chunked",
    b"Transfer-Encoding\xa0: chunked",
    b" Transfer-Encoding: chunked",
    b"\tTransfer-Encoding: chunked",
    b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding\r\n: chunked",
    b"X-A: b\r\n Transfer-Encoding: chunked",
    b"X-A: b\r\n\tTransfer-Encoding: chunked",
    b"X-A: b\nTransfer-Encoding: chunked",
    b"X-A: b\rTransfer-Encoding: chunked",
    b"X-A: b\r\rTransfer-Encoding: chunked",
    b"X-A: b\n\rTransfer-Encoding: chunked",
    b"X-A: b\x00\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\ntransfer-encoding: x",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Content-Length: 0\r\nTransfer-Encoding: chunked",
    b"Content-Length: 5\r\nTransfer-Encoding: identity",
    b"Content-Length: 5\r\nTransfer-Encoding : chunked",
    b"Content-Length: 5\r\nTransfer-Encoding: gzip, chunked",
    b"Content-Length: 5\r\nTransfer-Encoding: xchunked",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: 5\r\nContent-Length: 5",
    b"Content-Length: 5\r\ncontent-length: 5",
    b"Content-Length: 0\r\nContent-Length: 5",
    b"Content-Length: 5, 5",
    b"Content-Length: 5, 6",
    b"Content-Length: 5,",
    b"Content-Length: ,5",
    b"Content-Length: +5",
    b"Content-Length: -5",
    b"Content-Length: -1",
    b"Content-Length: -0",
    b"Content-Length: 5abc",
    b"Content-Length: abc",
    b"Content-Length: 0x5",
    b"Content-Length: 5h",
    b"Content-Length: 5.0",
    b"Content-Length: 5e0",
    b"Content-Length: 5 5",
    b"Content-Length: 5;",
    b"Content-Length: \"5\"",
    b"Content-Length: '5'",
    b"Content-Length: 5_0",
    b"Content-Length: \xd9\xa5",
    b"Content-Length: \xef\xbc\x95",
    b"Content-Length: \x0b5",
    b"Content-Length: 5\x00",
    b"Content-Length: 5\x0c",
    b"Content-Length:",
    b"Content-Length: ",
    b"Content-Length: 18446744073709551616",
    b"Content-Length: 18446744073709551621",
    b"Content-Length: 9223372036854775808",
    b"Content-Length: 99999999999999999999999999999999",
    b"Content-Length : 5",
    b"Content-Length\t: 5",
    b" Content-Length: 5",
    b"Content-Length\x00: 5",
    b"Content-Length:\r\n 5",
    b"X-A: b\r\n Content-Length: 5",
    b"X-A: b\nContent-Length: 5",
    b"X-A: b\rContent-Length: 5",
    b"X-A",
    b"X-A\r\n: b",
    b": b",
    b" : b",
    b"X A: b",
    b"X-A : b",
    b"X\x00A: b",
    b"X(A): b",
    b"X@A: b",
    b"X,A: b",
    b"X\"A: b",
    b"X\\A: b",
    b"X/A: b",
    b"[X-A]: b",
    b"X\xc3\xa4: b",
    b"X-A: b\x00c",
    b"X-A: b\x01c",
    b"X-A: b\x1bc",
    b"X-A: b\x7fc",
    b"X-A: b\r\n folded",
    b"X-A: b\r\n\tfolded",
    b"X-A: b\r\n \r\nX-B: c",
    b"X-A: b\nX-B: c",
    b"X-A: b\rX-B: c",
    b"X-A: b\r",
    b"X-A: b\n",
    b"\rX-A: b",
    b"\nX-A: b",
    b"GET / HTTP/1.1",
    b"Host: localhost",
    b"Host: other",
    b"host:",
    b"X-API-Key: <key>",
    b"X-API-Key: another",
    b"Idempotency-Key: a\r\nIdempotency-Key: b",
    b"Content-Type: application/json\r\nContent-Type: text/plain",
    b"X-Konekwa-Tenant: a\r\nX-Konekwa-Tenant: b",
    b"Authorization: Bearer a\r\nAuthorization: Bearer b",
]

# (lines of the header, the body that they frame): right, if odd. What follows is a request of its own.
TAKEN_FIELDS = [
    (b"", b""),
    (b"Content-Length: 5", b"hello"),
    (b"content-LENGTH:5", b"hello"),
    (b"Content-Length: 5 ", b"hello"),
    (b"Content-Length: \t 5\t \t", b"hello"),
    (b"Content-Length: 005", b"hello"),
    (b"Content-Length: 010", b"hellohello"),
    (b"Content-Length: 000000000000000005", b"hello"),
    (b"Content-Length: 0", b""),
    (b"Content-Length: %d" % len(SMUGGLED), SMUGGLED),
    (b"Content-Length: %d" % (2 * len(SMUGGLED)), SMUGGLED + SMUGGLED),
    (b"Content-Length: 8\r\nContent-Type: application/json; charset=utf-8", b"\x00\r\n\r\n\xff\xfe\x7f"),
    (b"Content-Length: 2\r\nContent-Type: application/x-www-form-urlencoded", b"{}"),
    (b"Content-Length: 2\r\nContent-Encoding: identity", b"{}"),
    (b"Transfer-Encoding: chunked", b"0\r\n\r\n"),
    (b"TRANSFER-ENCODING:CHUNKED", b"5\r\nhello\r\n0\r\n\r\n"),
    (b"Transfer-Encoding: cHuNkEd", b"5\r\nhello\r\n0\r\n\r\n"),
    (b"Transfer-Encoding: \tchunked\t ", b"5\r\nhello\r\n0\r\n\r\n"),
    (b"Transfer-Encoding:\t\t chunked", b"5\r\nhello\r\n0\r\n\r\n"),
    (b"Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)),
    (b"Transfer_Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
    (b"X-Transfer-Encoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
    (b"TransferEncoding: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
    (b"TE: chunked\r\nContent-Length: 5", b"0\r\n\r\n"),
    (b"TE: trailers", b""),
    (b"Trailer: Content-Length", b""),
    (b"Content_Length: 50\r\nContent-Length: 5", b"hello"),
    (b"X-Content-Length: 50\r\nContent-Length: 5", b"hello"),
    (b"Connection: Content-Length, X-API-Key\r\nContent-Length: 5", b"hello"),
    (b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n"),
    (b"Connection: keep-alive", b""),
    (b"Connection:", b""),
    (b"Connection: closed, not-close", b""),
    (b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", b""),
    (b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b""),
    (b"Upgrade: TLS/1.2\r\nConnection: Upgrade", b""),
    (b"X-HTTP-Method-Override: DELETE", b""),
    (b"X-Method-Override: DELETE\r\nX-HTTP-Method: DELETE", b""),
    (b"X-Original-URL: /v1/tokens\r\nX-Rewrite-URL: /v1/tokens", b""),
    (b"X-Forwarded-Host: other\r\nX-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9", b""),
    (b"Range: bytes=0-0", b""),
    (b"Range: bytes=" + b",".join(b"%d-%d" % (i, i + 1) for i in range(1000)), b""),
    (b"If-Range: x\r\nIf-Match: x\r\nIf-None-Match: *", b""),
    (b"Accept-Encoding: gzip, br\r\nAccept: image/png", b""),
    (b"X-A: \xc3\xa4 \xff\xfe", b""),
    (b"X-A:", b""),
    (b"X-A: :;,\"'()<>@[]{}\\/?=%00%0d%0a", b""),
    (b"!#$%&'*+-.^_`|~09: b", b""),
    (b"X-A: b\r\nX-A: c", b""),
    (b"Expect: 100-continue", b""),
]

# Bodies that chunked framing does not allow: 400, and the connection closes.
REFUSED_CHUNKS = [
    b"-1\r\nhello\r\n0\r\n\r\n",
    b"+5\r\nhello\r\n0\r\n\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b" 5\r\nhello\r\n0\r\n\r\n",
    b"5h\r\nhello\r\n0\r\n\r\n",
    b"g\r\nhello\r\n0\r\n\r\n",
    b"\r\nhello\r\n0\r\n\r\n",
    b"\x00\r\nhello\r\n0\r\n\r\n",
    b"5\x00\r\nhello\r\n0\r\n\r\n",
    b"5,5\r\nhello\r\n0\r\n\r\n",
    b"5 5\r\nhello\r\n0\r\n\r\n",
    b";a\r\nhello\r\n0\r\n\r\n",
    b"5\nhello\r\n0\r\n\r\n",
    b"5\rhello\r\n0\r\n\r\n",
    b"5\r\nhello0\r\n\r\n",
    b"5\r\nhello\n0\r\n\r\n",
    b"5\r\nhello\r0\r\n\r\n",
    b"5\r\nhello\r\r\n0\r\n\r\n",
    b"5\r\nhelloworld\r\n0\r\n\r\n",
    b"4\r\nhello\r\n0\r\n\r\n",
    b"5\r\nhello\r\n0\n\n",
    b"5\r\nhello\r\n0\r\n\n",
    b"5\r\nhello\r\n0\r\nnot a field\r\n\r\n",
    b"5\r\nhello\r\n0\r\nX A: b\r\n\r\n",
    b"5\r\nhello\r\n0\r\nX-A: b\nX-B: c\r\n\r\n",
    b"5\r\nhello\r\n0\r\nX-A: b\x00\r\n\r\n",
    b"10000000000000000\r\nhello\r\n0\r\n\r\n",
    b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    b"5;\r\nhello\r\n0\r\n\r\n",
    b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    b"5;a\rb\r\nhello\r\n0\r\n\r\n",
    b"5;a=\x00\r\nhello\r\n0\r\n\r\n",
    b"5;a=\"\r\nhello\r\n0\r\n\r\n\"",
    b"5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
    b"0;a=\"\r\n\"\r\n\r\n",
    b"5;" + b"a" * (70 * KIB) + b"\r\nhello\r\n0\r\n\r\n",
    b"0" * (70 * KIB) + b"5\r\nhello\r\n0\r\n\r\n",
    b"0\r\nContent-Length: 50\r\n\r\n",
    b"0\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"0\r\n" + b"X-A: b\r\n" * (10 * KIB) + b"\r\n",
    b"0\r\nX-A: " + b"b" * (70 * KIB) + b"\r\n\r\n",
]

# Bodies in chunks that are right: 200, and what follows is a request of its own.
TAKEN_CHUNKS = [
    b"5\r\nhello\r\n0\r\n\r\n",
    b"5\r\nhello\r\n000\r\n\r\n",
    b"0005\r\nhello\r\n0\r\n\r\n",
    b"a\r\nhellohello\r\n0\r\n\r\n",
    b"A\r\nhellohello\r\n0\r\n\r\n",
    b"1\r\nh\r\n" * 1000 + b"0\r\n\r\n",
    b"5;a\r\nhello\r\n0\r\n\r\n",
    b"5;a=b;c=\"d \\\" \"\r\nhello\r\n0;e\r\n\r\n",
    b"5\r\nhello\r\n0\r\nX-Trailer: b\r\nX-Other: c\r\n\r\n",
    b"5\r\n0\r\n\r\n\r\n0\r\n\r\n",
    b"0" * 15 + b"5\r\nhello\r\n0\r\n\r\n",
    b"0\r\nHost: other\r\nHost: another\r\nX-API-Key: wrong\r\nConnection: close\r\nExpect: x\r\n\r\n",
    b"0\r\nX-A: " + b"b" * (8 * KIB) + b"\r\n\r\n",
]

# (first line, status): followed by a Host and an empty line. All but 404 and 405 close.
START_LINES = [
    (b"get /health HTTP/1.1", 405),
    (b"Get /health HTTP/1.1", 405),
    (b"POST /health HTTP/1.1", 405),
    (b"OPTIONS /health HTTP/1.1", 405),
    (b"TRACE /health HTTP/1.1", 405),
    (b"PROPFIND /health HTTP/1.1", 405),
    (b"GET2 /health HTTP/1.1", 405),
    (b"A" * 16 + b" /health HTTP/1.1", 405),
    (b"A" * 17 + b" /health HTTP/1.1", 400),
    (b"A" * 8 * KIB + b" /health HTTP/1.1", 400),
    (b"A" * 70 * KIB, 431),
    (b"CONNECT localhost:80 HTTP/1.1", 400),
    (b"OPTIONS * HTTP/1.1", 400),
    (b"GET http://localhost/health HTTP/1.1", 400),
    (b"GET HTTP://localhost/health HTTP/1.1", 400),
    (b"GET localhost/health HTTP/1.1", 400),
    (b"GET localhost:8080 HTTP/1.1", 400),
    (b"GET health HTTP/1.1", 400),
    (b"GET \\health HTTP/1.1", 400),
    (b"GET ?a HTTP/1.1", 400),
    (b"GET  HTTP/1.1", 400),
    (b"GET  /health HTTP/1.1", 400),
    (b"GET /health  HTTP/1.1", 400),
    (b"GET /health HTTP/1.1 ", 505),
    (b"GET /health x HTTP/1.1", 400),
    (b" GET /health HTTP/1.1", 400),
    (b"GET\t/health\tHTTP/1.1", 400),
    (b"GET /health\tHTTP/1.1", 400),
    (b"GET\x0b/health HTTP/1.1", 400),
    (b"GET /health HTTP/1.1\x00", 400),
    (b"G\x00T /health HTTP/1.1", 400),
    (b"G@T /health HTTP/1.1", 400),
    (b"G\xc3\x8bT /health HTTP/1.1", 400),
    (b"\xef\xbb\xbfGET /health HTTP/1.1", 400),
    (b"GET /health", 400),
    (b"GET", 400),
    (b"", 400),
    (b"\r\nGET /health HTTP/1.1", 400),
    (b"\n", 400),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    (b"garbage", 400),
    (b"GET /health HTTP/0.9", 505),
    (b"GET /health HTTP/1.2", 505),
    (b"GET /health HTTP/2.0", 505),
    (b"GET /health HTTP/2", 505),
    (b"GET /health HTTP/3", 505),
    (b"GET /health HTTP/1", 505),
    (b"GET /health HTTP/1.10", 505),
    (b"GET /health HTTP/11.1", 505),
    (b"GET /health HTTP/01.1", 505),
    (b"GET /health HTTP/1.1x", 505),
    (b"GET /health HTTP/1,1", 505),
    (b"GET /health HTTP/", 505),
    (b"GET /health http/1.1", 400),
    (b"GET /health HTTPS/1.1", 400),
    (b"GET /health HTTP /1.1", 400),
    (b"GET /health ICY/1.1", 400),
]

# (target, status). 400, 414 close.
TARGETS = [
    (b"/health", 200),
    (b"/health?", 200),
    (b"/health?a=b&a=c&&=&%41", 200),
    (b"/%68ealth", 200),
    (b"/%68%65%61%6C%74%68", 200),
    (b"/health?" + b"a" * (2 * KIB - 8), 200),
    (b"/health?" + b"a" * (2 * KIB - 7), 414),
    (b"/" + b"a" * 15 * KIB, 414),
    (b"/" + b"a" * 70 * KIB, 431),
    (b"/" + b"a/" * KIB, 414),
    (b"/", 404),
    (b"//", 404),
    (b"//health", 404),
    (b"/health/", 404),
    (b"/Health", 404),
    (b"/health;a=b", 404),
    (b"/health%2f", 404),
    (b"/%2fhealth", 404),
    (b"/%2e/health", 404),
    (b"/./health", 404),
    (b"/v1/../health", 404),
    (b"/v1/%2e%2e/health", 404),
    (b"/..%2f..%2fetc/passwd", 404),
    (b"/../../etc/passwd", 404),
    (b"/health%3fa", 404),
    (b"/%2568ealth", 404),
    (b"/health%20", 404),
    (b"/he%C3%A4lth", 404),
    (b"/health/../v1/tokens", 404),
    (b"/api/v1/qr/..%2f..%2f..%2fv1%2ftokens", 404),
    (b"/health%00", 400),
    (b"/%00health", 400),
    (b"/health?a=%00", 400),
    (b"/health%0d%0aInjected:%20a", 400),
    (b"/health%0aInjected:%20a", 400),
    (b"/health?a=%0d%0aInjected:%20a", 400),
    (b"/health?a%0d=b", 400),
    (b"/health%7f", 400),
    (b"/%c0%ae%c0%ae/health", 400),
    (b"/%c0%af", 400),
    (b"/health?a=%c0%ae", 400),
    (b"/%e0%80%af", 400),
    (b"/%ed%a0%80", 400),
    (b"/%f4%90%80%80", 400),
    (b"/%ff", 400),
    (b"/%", 400),
    (b"/%6", 400),
    (b"/%zz", 400),
    (b"/%u0068ealth", 400),
    (b"/health?a=%", 400),
    (b"/health?%4", 400),
    (b"/health#a", 400),
    (b"/health?a#b", 400),
    (b"/h\xc3\xa4lth", 400),
    (b"/health\x7f", 400),
    (b"/health\x01", 400),
    (b"/health\x00", 400),
]

# (lines of the header, status over TCP, over the Unix socket): clients of a socket name no host, or their path.
HOSTS = [
    (b"Host: localhost\r\n", 200, 200),
    (b"hOST:localhost:8080\r\n", 200, 200),
    (b"Host: [::1]:8080\r\n", 200, 200),
    (b"Host:\r\n", 200, 200),
    (b"", 400, 200),
    (b"Host: /run/konekwa/konekwad.sock\r\n", 400, 200),
    (b"Host: a b\r\n", 400, 200),
    (b"Host: a,b\r\n", 400, 200),
    (b"Host: user@a\r\n", 400, 200),
    (b"Host: a/b\r\n", 400, 200),
    (b"Host: a\r\nHost: a\r\n", 400, 400),
    (b"Host: a\r\nhost: b\r\n", 400, 400),
    (b"Host: a\r\n b\r\n", 400, 400),
    (b"Host : a\r\n", 400, 400),
    (b"Host: a\x00\r\n", 400, 400),
]


def times(count, field=b"X-A: b\r\n"):
    return field * count


# (name, octets, statuses, does the connection close). Without SMUGGLED, except where it is part of the vector.
WHOLE = [
    ("HTTP/0.9", b"GET /health\r\n\r\n", [400], True),
    ("HTTP/0.9 with a bare line feed", b"GET /health\n", [400], True),
    ("HTTP/1.0", b"GET /health HTTP/1.0\r\n\r\n", [200], True),
    ("HTTP/1.0 that wants to go on", b"GET /health HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", [200], False),
    ("HTTP/1.0, chunked",
     b"GET /health HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED, [400], True),
    ("HTTP/1.0, a body and another request",
     b"GET /health HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED, [200], True),
    ("the preface of HTTP/2",
     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", [505], True),
    ("a proxy's preface", b"PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n" + SMUGGLED, [400], True),
    ("a TLS hello", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x00" * 160, [400], True),
    ("NUL octets", b"\x00" * KIB, [400], True),
    ("Connection: close", get(b"Connection: close\r\n") + SMUGGLED, [200], True),
    ("Connection: close in a list", get(b"Connection: a, CLOSE ,b\r\n") + SMUGGLED, [200], True),
    ("Connection: close in a second field", get(b"Connection: keep-alive\r\nConnection: close\r\n"), [200], True),
    ("HEAD", get(method=b"HEAD") + SMUGGLED, [200, 200], False),
    ("HEAD with a body", get(b"Content-Length: 2\r\n", b"{}", method=b"HEAD") + SMUGGLED, [200, 200], False),
    ("HEAD that is refused", get(method=b"HEAD", host=HOST + HOST), [400], True),
    ("GET with a body that is a request", get(b"Content-Length: %d\r\n" % len(SMUGGLED), SMUGGLED), [200], False),
    ("DELETE with a body that is a request",
     get(KEY + b"Content-Length: %d\r\n" % len(SMUGGLED), SMUGGLED, b"/v1/sessions/none", b"DELETE"), [404], False),
    ("405 with a body that nobody reads",
     get(b"Content-Length: %d\r\n" % len(SMUGGLED), SMUGGLED, method=b"POST"), [405], True),
    ("404 with a body that nobody reads",
     get(b"Content-Length: %d\r\n" % len(SMUGGLED), SMUGGLED, b"/nowhere", b"POST"), [404], True),
    ("404 with chunks that nobody reads",
     get(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + SMUGGLED, b"/nowhere", b"POST"), [404], True),
    ("401 with a body that nobody reads",
     get(b"X-API-Key: wrong\r\nContent-Length: %d\r\n" % len(SMUGGLED), SMUGGLED, b"/v1/messages", b"POST"),
     [401], True),
    ("401 with a body and a second request",
     get(b"X-API-Key: wrong\r\nContent-Length: 2\r\n", b"{}", b"/v1/messages", b"POST") + SMUGGLED, [401], True),
    ("401 with chunks and a second request",
     get(b"X-API-Key: wrong\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"/v1/messages", b"POST") + SMUGGLED,
     [401], True),
    ("401 without a body", get(b"X-API-Key: wrong\r\n", target=b"/v1/messages") + SMUGGLED, [401, 200], False),
    ("an empty key", get(b"X-API-Key:\r\n", target=b"/v1/messages"), [401], False),
    ("a key in the query", get(b"X-API-Key: wrong\r\n", target=b"/v1/messages?x-api-key=<key>"), [401], False),
    ("a key in percent codes", get(b"X-API-Key: a%6bb%0d%0aInjected: 1\r\n", target=b"/v1/messages"), [401], False),
    ("a key that is no UTF-8", get(b"X-API-Key: \xff\xfe\r\n", target=b"/v1/messages"), [401], False),
    ("a key of 8 KiB", get(b"X-API-Key: " + b"k" * 8 * KIB + b"\r\n", target=b"/v1/messages"), [401], False),
    ("a request id that would be a header", get(b"X-Request-Id: a%0d%0aInjected:%201\r\n"), [200], False),
    ("a request id of 8 KiB", get(b"X-Request-Id: " + b"a" * 8 * KIB + b"\r\n"), [200], False),
    ("99 fields beside Host", get(times(99)), [200], False),
    ("100 fields beside Host", get(times(100)), [431], True),
    ("2,000 fields", get(times(2000)), [431], True),
    ("fields without end", b"GET /health HTTP/1.1\r\n" + times(4000), [431], True),
    ("a field of 15 KiB", get(b"X-A: " + b"b" * 15 * KIB + b"\r\n"), [200], False),
    ("a field of 16 KiB", get(b"X-A: " + b"b" * 16 * KIB + b"\r\n"), [431], True),
    ("a field of 70 KiB without an end", b"GET /health HTTP/1.1\r\nX-A: " + b"b" * 70 * KIB, [431], True),
    ("a field's name of 16 KiB", get(b"X" * 16 * KIB + b": b\r\n"), [431], True),
    ("a body in gzip", post(b"Content-Encoding: gzip\r\nContent-Length: 22\r\n", gzip.compress(b"{}")), [415], True),
    ("chunks in gzip", post(b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), [415], True),
    ("a body in two encodings", post(b"Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n", b"{}"), [415], True),
    ("a body in br", post(b"Content-Encoding: br\r\nContent-Length: 2\r\n", b"{}"), [415], True),
    ("text/xml", post(b"Content-Type: text/xml\r\nContent-Length: 2\r\n", b"{}") + SMUGGLED, [415], True),
    ("multipart", post(b"Content-Type: multipart/form-data; boundary=a\r\nContent-Length: 2\r\n", b"{}"), [415], True),
    ("Expect of another kind", post(b"Expect: 200-ok\r\nContent-Length: 2\r\n", b"{}") + SMUGGLED, [417], True),
    ("Expect of two kinds", post(b"Expect: 100-continue, x\r\nContent-Length: 2\r\n", b"{}"), [417], True),
    ("an empty Expect", post(b"Expect:\r\nContent-Length: 2\r\n", b"{}"), [417], True),
    ("Expect with its body at once", post(b"Expect: 100-continue\r\nContent-Length: 2\r\n", b"{}"), [200], False),
    ("Expect in HTTP/1.0", b"GET /health HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", [200], True),
    ("Expect without a key",
     get(b"X-API-Key: wrong\r\nExpect: 100-continue\r\nContent-Length: 9\r\n", target=b"/v1/messages", method=b"POST"),
     [401], True),
    ("Expect with a body over the limit", post(b"Expect: 100-continue\r\nContent-Length: 1048577\r\n"), [413], True),
    ("a length over the limit", post(b"Content-Length: 1048577\r\n"), [413], True),
    ("a length of 18 digits", post(b"Content-Length: 999999999999999999\r\n"), [413], True),
    ("a chunk over the limit", chunked(b"100001\r\n"), [413], True),
    ("a chunk of nearly 64 bits", chunked(b"fffffffffffffffe\r\n"), [413], True),
    ("a chunk of 63 bits", chunked(b"7fffffffffffffff\r\nhello"), [413], True),
    ("chunks that add up to more than 64 bits", chunked(b"5\r\nhello\r\nfffffffffffffffb\r\nhello"), [413], True),
    ("chunks that add up to more than the limit", chunked((b"10000\r\n" + b"a" * 65536 + b"\r\n") * 16 + b"1\r\na\r\n"),
     [413], True),
    ("a length of exactly the limit", post(b"Content-Length: 1048576\r\n", b"a" * 1048576), [200], False),
    ("chunks of exactly the limit", chunked((b"10000\r\n" + b"a" * 65536 + b"\r\n") * 16 + b"0\r\n\r\n"), [200], False),
    ("100 requests at once", SMUGGLED * 100, [200] * 100, False),
    ("100 requests and a broken one", SMUGGLED * 100 + b"\x00" + SMUGGLED, [200] * 100 + [400], True),
    ("100 bodies at once", post(b"Content-Length: 5\r\n", b"hello") * 100, [200] * 100, False),
    ("bodies of both framings in turn",
     (post(b"Content-Length: 5\r\n", b"hello") + chunked(b"5\r\nhello\r\n0\r\n\r\n")) * 20, [200] * 40, False),
    ("64 KiB of small requests", b"GET /health HTTP/1.1\r\nHost:a\r\n\r\n" * 2000, [200] * 2000, False),
    ("an empty line after a body", post(b"Content-Length: 2\r\n", b"{}\r\n") + SMUGGLED, [200, 400], True),
    ("a body longer than its length", post(b"Content-Length: 4\r\n", b"hello") + SMUGGLED, [200, 405], False),
    ("a body shorter than its length", post(b"Content-Length: 6\r\n", b"hello") + SMUGGLED, [200, 405], False),
    ("a body that is not JSON", get(KEY + b"Content-Length: 1\r\n", b"{", b"/v1/messages", b"POST") + SMUGGLED,
     [400, 200], False),
    ("a body of 64 open brackets",
     get(KEY + b"Content-Length: 64\r\n", b"[" * 64, b"/v1/messages", b"POST"), [400], False),
    ("a body that is no UTF-8",
     get(KEY + b"Content-Length: 6\r\n", b"{\"\xff\":1", b"/v1/messages", b"POST"), [400], False),
    ("a body with a key twice",
     get(KEY + b"Content-Length: 13\r\n", b"{\"a\":1,\"a\":2}", b"/v1/messages", b"POST"), [400], False),
]

# (name, octets, statuses): the client ends its side after them. No answer to half a request.
ENDED = [
    ("a whole request", PROBE, [200]),
    ("two whole requests", PROBE + PROBE, [200, 200]),
    ("a whole request with a body", post(b"Content-Length: 5\r\n", b"hello"), [200]),
    ("nothing", b"", []),
    ("one octet", b"G", []),
    ("half a request line", b"GET /hea", []),
    ("half a header", b"GET /health HTTP/1.1\r\nHost: localhost\r\n", []),
    ("a header without its last line feed", PROBE[:-1], []),
    ("half a body", post(b"Content-Length: 6\r\n", b"hello"), []),
    ("no body at all", post(b"Content-Length: 6\r\n"), []),
    ("half a chunk's size", chunked(b"5"), []),
    ("half a chunk", chunked(b"5\r\nhel"), []),
    ("chunks without the last", chunked(b"5\r\nhello\r\n"), []),
    ("the last chunk without its end", chunked(b"5\r\nhello\r\n0\r\n"), []),
    ("the last chunk with half its end", chunked(b"5\r\nhello\r\n0\r\n\r"), []),
    ("a quote that does not end in the size's line", chunked(b"5;a=\"\r\nhello\r\n0\r\n\r\n" + SMUGGLED), []),
    ("half a trailer", chunked(b"0\r\nX-A: b\r\n"), []),
    ("a whole request and half a one", PROBE + b"GET /hea", [200]),
]


class HostileHttp(ProcessTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.konekwad(rate_limits=False).start()
        self.session = self.daemon.create_session("Toko")
        self.transports = {"tcp": self.daemon.port, "unix": self.daemon.socket}

    def octets(self, text):
        return text.replace(b"<key>", self.daemon.token.encode()).replace(b"<session>", self.session.encode())

    def check_answer(self, answer, status):
        self.assertIsNotNone(answer, "no answer")
        self.assertEqual(answer.status, status, answer.body[:200])
        self.assertNotIn("injected", [name for name, _ in answer.fields])
        self.assertNotIn("content-range", [name for name, _ in answer.fields])
        if status < 200:
            return
        self.assertEqual(answer.field("content-type"), "application/json")
        if answer.body and status >= 400:
            self.assertEqual(list(answer.json()), ["error"])
            error = answer.json()["error"]
            self.assertEqual(list(error), ["code", "message", "details"])
            self.assertIn(error["code"], CODES[status])
            self.assertTrue(all(isinstance(value, str) for value in error.values()), error)

    def check_end(self, connection, last):
        self.assertEqual(connection.rest(), b"", "more than was asked for")
        if last:
            self.assertEqual(last.field("connection"), "close")

    def check_goes_on(self, connection):
        connection.send(PROBE)
        answer = connection.answer()
        self.check_answer(answer, 200)
        self.assertEqual(answer.field("x-request-id"), "probe")

    def check(self, address, octets, statuses, closes):
        with RawConnection(address) as connection:
            connection.send(self.octets(octets))
            answer = None
            for i, status in enumerate(statuses):
                answer = connection.answer(to_head=i == 0 and octets.startswith(b"HEAD "))
                self.check_answer(answer, status)
            if closes:
                self.check_end(connection, answer)
            else:
                self.check_goes_on(connection)
        self.check_serves()

    def check_serves(self):
        with RawConnection(self.daemon.port) as connection:
            self.check_goes_on(connection)

    def check_all(self, vectors):
        """(name, octets, statuses, closes) over both transports."""
        for (transport, address), vector in itertools.product(self.transports.items(), vectors):
            name, octets, statuses, closes = vector
            with self.subTest(name if isinstance(name, str) else name[:200], transport=transport):
                self.check(address, octets, statuses, closes)

    def test_fields_that_cannot_be_read_in_one_way(self):
        body = b"0\r\n\r\n" + SMUGGLED
        self.check_all([(field, post(field + b"\r\n", body), [400], True) for field in REFUSED_FIELDS])

    def test_the_same_fields_on_a_get(self):
        body = b"0\r\n\r\n" + SMUGGLED
        self.check_all([(field, get(KEY + field + b"\r\n", body), [400], True) for field in REFUSED_FIELDS])

    def test_fields_that_are_odd_but_right(self):
        lines = [(field, field + b"\r\n" if field else b"", body) for field, body in TAKEN_FIELDS]
        self.check_all([(name, post(line, body) + SMUGGLED, [200, 200], False) for name, line, body in lines])

    def test_bodies_in_broken_chunks(self):
        self.check_all([(body, chunked(body + SMUGGLED), [400], True) for body in REFUSED_CHUNKS])

    def test_bodies_in_odd_chunks(self):
        self.check_all([(body, chunked(body) + SMUGGLED, [200, 200], False) for body in TAKEN_CHUNKS])

    def test_request_lines(self):
        self.check_all([(line, line + b"\r\n" + HOST + b"\r\n" + SMUGGLED, *self.outcome(status))
                        for line, status in START_LINES])

    def test_targets(self):
        self.check_all([(target, get(target=target) + SMUGGLED, *self.outcome(status)) for target, status in TARGETS])

    @staticmethod
    def outcome(status):
        goes_on = status in (200, 404, 405)
        return ([status, 200] if goes_on else [status]), not goes_on

    def test_hosts(self):
        for host, *statuses in HOSTS:
            for (transport, address), status in zip(self.transports.items(), statuses):
                with self.subTest(host, transport=transport):
                    self.check(address, get(host=host) + SMUGGLED, *self.outcome(status))

    def test_whole_exchanges(self):
        self.check_all(WHOLE)

    def test_a_client_that_ends_its_side(self):
        for (transport, address), (name, octets, statuses) in itertools.product(self.transports.items(), ENDED):
            with self.subTest(name, transport=transport), RawConnection(address) as connection:
                connection.send(self.octets(octets))
                connection.end_sending()
                for status in statuses:
                    self.check_answer(connection.answer(), status)
                self.check_end(connection, None)
        self.check_serves()

    def test_a_request_in_single_octets(self):
        octets = self.octets(chunked(b"5\r\nhello\r\n0\r\n\r\n") + post(b"Content-Length: 5\r\n", b"hello"))
        for transport, address in self.transports.items():
            with self.subTest(transport=transport), RawConnection(address) as connection:
                for i in range(len(octets)):
                    connection.send(octets[i:i + 1])
                self.check_answer(connection.answer(), 200)
                self.check_answer(connection.answer(), 200)
                self.check_goes_on(connection)

    def test_continue_is_said_once_and_only_when_the_body_is_wanted(self):
        for transport, address in self.transports.items():
            with self.subTest(transport=transport), RawConnection(address) as connection:
                connection.send(self.octets(post(b"Expect: 100-Continue\r\nContent-Length: 5\r\n")))
                self.check_answer(connection.answer(), 100)
                connection.send(b"hello" + SMUGGLED)
                self.check_answer(connection.answer(), 200)
                self.check_answer(connection.answer(), 200)
                self.check_goes_on(connection)

    def test_an_answer_that_nobody_reads(self):
        for address in self.transports.values():
            with RawConnection(address) as connection:
                connection.send(SMUGGLED * 200)
            self.check_serves()

    def test_a_reset_at_any_point(self):
        octets = self.octets(post(b"Content-Length: 5\r\n", b"hello"))
        points = [0, 1, 4, octets.index(b"\r\n") + 2, octets.index(b"\r\n\r\n"), len(octets) - 5, len(octets)]
        for address, point in itertools.product(self.transports.values(), points):
            connection = RawConnection(address)
            connection.send(octets[:point])
            connection.reset()
        with RawConnection(self.daemon.port) as connection:
            connection.send(self.octets(post(b"Expect: 100-continue\r\nContent-Length: 5\r\n")))
            self.check_answer(connection.answer(), 100)
            connection.send(b"hel")
            connection.reset()
        self.check_serves()

    def test_what_is_said_into_a_stream_is_not_answered(self):
        for transport, address in self.transports.items():
            with self.subTest(transport=transport), RawConnection(address) as connection:
                connection.send(self.octets(get(KEY, target=b"/v1/events") + SMUGGLED))
                while b"\r\n\r\n" not in connection.received:
                    connection.received += connection.socket.recv(4096)
                connection.send(SMUGGLED * 10)
                connection.end_sending()
                text = connection.rest()
                self.assertTrue(text.startswith(b"HTTP/1.1 200 "), text)
                self.assertEqual(text.count(b"HTTP/1.1"), 1, text)
        self.check_serves()

    def test_ranges_get_the_whole_answer(self):
        whole = self.octets(get(KEY, target=b"/v1/me"))
        part = self.octets(get(KEY + b"Range: bytes=0-0,1-1\r\n", target=b"/v1/me"))
        with RawConnection(self.daemon.port) as connection:
            connection.send(whole + part)
            bodies = [connection.answer().body for _ in range(2)]
        self.assertEqual(bodies[0], bodies[1])

    def test_trace_repeats_no_key(self):
        with RawConnection(self.daemon.port) as connection:
            connection.send(self.octets(get(KEY, method=b"TRACE") + get(KEY, method=b"TRACE", target=b"/v1/me")))
            for _ in range(2):
                answer = connection.answer()
                self.check_answer(answer, 405)
                self.assertNotIn(self.daemon.token, json.dumps(answer.json()) + repr(answer.fields))
