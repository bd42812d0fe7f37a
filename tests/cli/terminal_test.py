"""konekwa on terminals of every kind and on none: codes that die, progress, tables, and text that others have written.
"""

import contextlib
import datetime
import http.server
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import termios
import threading
import time
import unittest

from pseudo_terminal import on_terminal, suspend
from transcript_test import BINARIES, Daemon

SGR = re.compile(r"\x1b\[[\d;]*m")
CODE = re.compile("[▀▄█]{2}|##")


def environment(url, folder, **variables):
    return {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": str(folder), "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color", "KONEKWA_URL": url, **variables}


def moment(after_s):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=after_s)).isoformat()


class StandIn(http.server.BaseHTTPRequestHandler):
    """A konekwad that tells of a session what a test wants, one answer after the other, the last one for ever; and
    accepts messages slowly."""

    protocol_version = "HTTP/1.1"
    answers, delay_s, is_linked, hangs = [], 0.0, False, False
    way_s = 0.0                   # how long an answer is on its way
    is_over = threading.Event()   # until then a request whose answer is None hangs

    def reply(self, status, body):
        with contextlib.suppress(BrokenPipeError):   # whoever asked may have given up
            self.send_whole(status, body)

    def send_whole(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def hang(self):
        self.is_over.wait(60)
        self.close_connection = True

    def do_GET(self):  # the name is the library's
        if self.hangs:
            self.hang()
            return
        self.is_over.wait(self.way_s)
        if not self.path.startswith("/api/v1/qr/"):
            is_linked = self.is_linked or self.answers == [status("CONNECTED")]
            self.reply(200, {"id": "toko", "phone_number": "6281234567890" if is_linked else None})
            return
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            self.hang()
        else:
            self.reply(*answer)

    def do_POST(self):  # the name is the library's
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.hangs:
            self.hang()
            return
        time.sleep(self.delay_s)   # what makes it slow
        if body["recipient"].endswith("7"):
            self.reply(400, {"error": {"code": "INVALID_RECIPIENT", "message": "no number"}})
            return
        self.reply(202, {"message_id": "msg_" + body["recipient"], "status": "QUEUED"})

    def log_message(self, *_):
        pass


class WithStandIn(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-terminal-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.handler = type("Handler", (StandIn,), {"answers": [], "delay_s": 0.0, "is_over": threading.Event()})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(self.handler.is_over.set)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"

    def konekwa(self, *words, variables=None, **how):
        return on_terminal(["konekwa", *words], environment(self.url, self.folder, **(variables or {})), **how)


def code(text, lives_s=20, more=4):
    return 200, {"status": "WAITING_QR", "qr": text, "issued_at": moment(0), "expires_at": moment(lives_s),
                 "remaining_codes": more}


def status(word, reason=None):
    return 200, {"status": word, "status_reason": reason}


class Codes(WithStandIn):
    def test_each_end_has_its_exit_code_and_takes_the_code_away(self):
        nobody = 404, {"error": {"code": "SESSION_NOT_FOUND", "message": "there is no such session"}}
        for end, exit_code, words in (
                (status("CONNECTED"), 0, "linked: 6281234567890"),
                (status("DISCONNECTED", "QR_TIMEOUT"), 8, "the QR codes have expired, none was scanned"),
                (status("DISCONNECTED", "USER_REQUEST"), 5, "the session is disconnected"),
                (status("LOGGED_OUT"), 5, "the session is LOGGED_OUT"),
                (status("BANNED"), 5, "the session is BANNED"),
                (status("CLIENT_OUTDATED"), 5, "the session is CLIENT_OUTDATED"),
                (status("FAILED", "PASSKEY_REQUIRED"), 5, "the session is FAILED, PASSKEY_REQUIRED"),
                (nobody, 3, "there is no such session")):
            with self.subTest(end=end):
                self.handler.answers = [code("first"), end]
                run = self.konekwa("qr", "toko")
                self.assertEqual(run.code, exit_code)
                self.assertTrue(any(CODE.search(screen) for _, screen in run.screens()))
                self.assertNotRegex(run.last_screen(), CODE)
                self.assertIn(words, run.last_screen())

    def test_a_code_that_has_had_its_time_goes_whatever_konekwad_says(self):
        self.handler.answers = [code("first", lives_s=1)] * 8 + [status("DISCONNECTED", "QR_TIMEOUT")]
        run = self.konekwa("qr", "toko")
        screens = [screen for _, screen in run.screens()]
        self.assertTrue(any(CODE.search(screen) for screen in screens))
        hidden = [screen for screen in screens if "changing the code" in screen]
        self.assertTrue(hidden)
        self.assertFalse(any(CODE.search(screen) for screen in hidden))

    def test_codes_follow_each_other_in_one_place(self):
        self.handler.answers = [code("first"), code("first"), status("CONNECTING"), code("second"), code("third"),
                                status("DISCONNECTED", "QR_TIMEOUT")]
        run = self.konekwa("qr", "toko")
        drawn = ["\n".join(line for line in screen.splitlines() if CODE.search(line)) for _, screen in run.screens()]
        # A screen may be looked at while it is drawn; what counts is what it was when it stood.
        whole = max(drawing.count("\n") for drawing in drawn)
        stood = [drawing for drawing in drawn if not drawing or drawing.count("\n") == whole]
        kinds = [drawing for drawing, _ in itertools.groupby(stood)]
        if not kinds[0]:
            kinds.pop(0)
        self.assertEqual([bool(drawing) for drawing in kinds], [True, False, True, True, False])
        self.assertEqual(len(set(kinds)), 4)
        for _, screen in run.screens():
            self.assertLessEqual(screen.count("Linked devices"), 1)
            self.assertLessEqual(screen.count("this code lives"), 1)

    def test_the_countdown_goes_down_and_tells_how_many_come(self):
        body = code("first", lives_s=9, more=2)
        self.handler.answers = [body, body, body, body, status("CONNECTED")]
        run = self.konekwa("qr", "toko")
        told = [re.search(r"this code lives (\d+) s, (\d+) more will come", screen) for _, screen in run.screens()]
        seconds = [int(each.group(1)) for each in told if each]
        self.assertEqual(seconds, sorted(seconds, reverse=True))
        self.assertGreater(seconds[0], seconds[-1])
        self.assertEqual({each.group(2) for each in told if each}, {"2"})

    def test_a_daemon_that_goes_away_takes_the_code_along(self):
        self.handler.answers = [code("first"), (503, {"error": {"code": "UNREACHABLE", "message": "gone"}}),
                                code("first"), status("CONNECTED")]
        run = self.konekwa("qr", "toko")
        self.assertNotRegex(run.last_screen(), CODE)

    def test_a_daemon_that_hangs_takes_the_code_along_long_before_its_time(self):
        self.handler.answers = [code("first", lives_s=60), None, status("CONNECTED")]
        run = self.konekwa("qr", "toko")
        self.assertEqual(run.code, 0)
        shown = [(when, screen) for when, screen in run.screens()]
        began = next(when for when, screen in shown if CODE.search(screen))
        hidden = next(when for when, screen in shown if "konekwad does not answer" in screen)
        self.assertLess(hidden - began, 20)
        self.assertNotRegex(run.last_screen(), CODE)

    def test_a_slow_link_keeps_the_code_on_the_screen(self):
        self.handler.way_s = 4
        self.handler.answers = [code("first", lives_s=60), code("first", lives_s=60), status("CONNECTED")]
        run = self.konekwa("qr", "toko")
        self.assertEqual(run.code, 0)
        screens = list(run.screens())
        waiting = next(when for when, screen in screens if "waiting for a code" in screen)
        began = next(when for when, screen in screens if CODE.search(screen))
        self.assertLess(waiting, began - 4)
        self.assertTrue(all(CODE.search(screen) for when, screen in screens if began + 1 < when < began + 7))
        self.assertNotIn("does not answer", run.shown())

    def test_a_slow_link_keeps_no_dead_code(self):
        self.handler.way_s = 4
        self.handler.answers = [code("first", lives_s=10), status("CONNECTED")]
        run = self.konekwa("qr", "toko")
        died = next(when for when, screen in run.screens() if "changing the code" in screen)
        self.assertLess(died, 11)
        self.assertGreater(run.ended_s, died + 0.5)

    def test_who_waits_for_a_slow_link_can_end_it_at_once(self):
        self.handler.way_s = 25
        self.handler.answers = [code("first")]
        run = self.konekwa("qr", "toko", interrupt_when="waiting for a code")
        self.assertEqual(run.code, 130)
        self.assertLess(run.ended_s, 10)

    def test_what_stands_around_the_code_is_in_the_language_of_the_locale(self):
        self.handler.answers = [code("first", more=2), status("CONNECTING"), status("CONNECTED")]
        run = self.konekwa("qr", "toko", variables={"LC_ALL": "id_ID.UTF-8"})
        text = run.shown()
        for words in ("Perangkat tertaut, Tautkan perangkat", "detik, masih ada 2 lagi", "sudah dipindai"):
            self.assertIn(words, text)

    def test_what_is_linked_goes_online_without_a_code(self):
        self.handler.is_linked = True
        self.handler.answers = [status("CONNECTING"), status("CONNECTING"), status("CONNECTED")]
        run = self.konekwa("qr", "toko")
        self.assertEqual(run.code, 0)
        self.assertIn("going online ...", run.shown())
        self.assertNotIn("code", run.shown())

    def test_a_code_of_characters_tells_who_reads_light_letters_what_to_do(self):
        advice = "light letters on a dark ground? add --invert"
        for words, variables, is_there in ((["--ascii"], {}, True), ([], {"NO_COLOR": "1"}, True),
                                           ([], {"TERM": "vt100"}, True), ([], {"TERM": "xterm"}, False),
                                           (["--ascii", "--invert"], {}, False), ([], {}, False)):
            with self.subTest(words=words, variables=variables):
                self.handler.answers = [code("first"), status("CONNECTED")]
                run = self.konekwa("qr", "toko", *words, variables=variables, columns=160, rows=50)
                self.assertEqual(advice in run.shown(), is_there)

    def test_where_no_code_fits_the_words_are_whole_and_those_for_a_code_are_not_there(self):
        for columns, rows in ((40, 20), (30, 24)):
            for words in ([], ["--ascii"]):
                with self.subTest(columns=columns, words=words):
                    self.handler.answers = [code("first" * 50), status("CONNECTED")]
                    run = self.konekwa("qr", "toko", *words, columns=columns, rows=rows)
                    screen = max((screen for _, screen in run.screens()), key=len)
                    self.assertRegex(" ".join(screen.split()),
                                     f"this terminal has {columns} and {rows}: enlarge it or make its letters smaller; "
                                     r"or stop with Ctrl-C and get a picture: konekwa qr toko --png qr\.png")
                    self.assertLessEqual(max(map(len, screen.splitlines())), columns)
                    self.assertNotRegex(screen, "light letters|Linked devices|…")

    def test_what_keeps_the_code_away_is_told_with_what_to_do_and_does_not_end_it(self):
        passkey = "Settings, Account, Passkeys), then: konekwa sessions restart-qr toko"
        proxy = "set another one: konekwa sessions update toko --proxy URL"
        for trouble, words in ((status("PASSKEY_REQUIRED"), passkey),
                               (status("DISCONNECTED", "PROXY_ERROR"), proxy),
                               (status("DISCONNECTED", "NETWORK"), "konekwa doctor looks for the cause")):
            for term in ("xterm-256color", "dumb"):
                with self.subTest(trouble=trouble, term=term):
                    self.handler.answers = [code("first"), trouble, trouble, status("CONNECTING"), code("second"),
                                            status("CONNECTED")]
                    run = self.konekwa("pair", "toko", variables={"TERM": term})
                    self.assertEqual(run.code, 0)
                    self.assertIn(words, " ".join(run.shown().split()))
                    if term == "dumb":
                        self.assertEqual(run.shown().count("konekwa: "), 2)
                        continue
                    screens = [screen for _, screen in run.screens()]
                    told = [screen for screen in screens if words in " ".join(screen.split())]
                    self.assertFalse(any(CODE.search(screen) for screen in told))
                    self.assertTrue(any(CODE.search(screen) for screen in screens[screens.index(told[-1]):]))

    def test_who_runs_out_of_time_hears_what_the_trouble_was(self):
        self.handler.answers = [status("DISCONNECTED", "PROXY_ERROR")]
        for words, message in ((["pair", "toko"], "not linked within 1s: the proxy of the session fails"),
                               (["qr", "toko"], "no QR code within 1s: the proxy of the session fails")):
            for language, form in itertools.product(("C.UTF-8", "id_ID.UTF-8"), ([], ["-q"])):
                with self.subTest(words=words, language=language, form=form):
                    run = self.konekwa(*words, *form, "--timeout", "1s", out=False, err=False,
                                       variables={"LC_ALL": language})
                    told = run.err.decode()
                    self.assertEqual((run.code, run.out), (8, b""))
                    self.assertIn("konekwa sessions update toko --proxy URL", told)
                    self.assertIn(message if language == "C.UTF-8" else "proxy sesi ini gagal", told)

    def test_who_ends_it_ends_the_code(self):
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(ending=ending):
                self.handler.answers = [code("first")]
                run = self.konekwa("qr", "toko", interrupt_when="more will come",
                                   how=lambda process, ending=ending: process.send_signal(ending))
                self.assertEqual(run.code, 130 if ending == signal.SIGINT else -ending)
                self.assertNotRegex(run.last_screen(), CODE)

    def test_data_has_stdout_to_itself_and_codes_the_screen_of_stderr(self):
        for words, read in ((["-q"], bytes.decode), (["--json"], json.loads), (["--fields", "id"], bytes.decode)):
            with self.subTest(words=words):
                self.handler.answers = [code("first"), code("second"), status("CONNECTED")]
                run = self.konekwa("pair", "toko", *words, out=False)
                self.assertEqual(run.code, 0)
                self.assertIn("toko", str(read(run.out)))
                self.assertNotIn(b"\x1b", run.out)
                self.assertEqual(run.last_screen(), "")
                drawn = {screen for _, screen in run.screens() if "more will come" in screen}
                self.assertGreaterEqual(len(drawn), 2)
                self.assertTrue(all(screen.count("Linked devices") == 1 for screen in drawn))

    def test_the_size_that_counts_is_that_of_the_screen_the_code_is_drawn_on(self):
        self.handler.answers = [code("first"), status("CONNECTED")]
        run = self.konekwa("pair", "toko", out=False, columns=25, rows=8)
        self.assertIn("25", run.shown())
        self.assertNotRegex(run.shown(), CODE)

    def test_keys_are_not_shown_while_a_code_is_live(self):
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(ending=ending):
                self.handler.answers = [code("first")]
                run = self.konekwa("qr", "toko", interrupt_when="more will come", typed="xyzzy\n",
                                   how=lambda process, ending=ending: process.send_signal(ending))
                before, meanwhile, after = run.keys
                self.assertEqual(meanwhile[3] & (termios.ECHO | termios.ICANON | termios.ISIG), termios.ISIG)
                self.assertEqual(after, before)
                self.assertNotIn("xyzzy", run.shown())
                self.assertNotRegex(run.last_screen(), CODE)

    def test_who_suspends_it_sees_no_code_until_it_goes_on(self):
        self.handler.answers = [code("first")] * 6 + [status("CONNECTED")]
        run = self.konekwa("qr", "toko", interrupt_when="more will come", how=suspend)
        self.assertEqual(run.code, 0)
        drawn = [bool(CODE.search(screen)) for _, screen in run.screens()]
        self.assertEqual([is_there for is_there, _ in itertools.groupby(drawn)], [True, False, True, False])

    def test_where_nothing_can_be_taken_back_the_dead_code_is_called_so(self):
        self.handler.answers = [code("first"), code("second"), status("DISCONNECTED", "QR_TIMEOUT")]
        run = self.konekwa("qr", "toko", variables={"TERM": "dumb"})
        self.assertEqual(run.code, 8)
        self.assertEqual(run.shown().count("this code is good until"), 2)
        self.assertLess(run.shown().index("this code is good until"), run.shown().index("the code above is dead"))
        self.assertNotIn("\x1b", run.shown())


class Keys(unittest.TestCase):
    def set_key(self, folder, typed):
        return on_terminal(["konekwa", "config", "set", "api-key", "-"], environment("", folder), reads=True,
                           interrupt_when="not shown:", typed=typed, how=lambda process: None)

    def test_a_key_is_typed_unseen_and_ends_with_enter(self):
        with tempfile.TemporaryDirectory() as folder:
            run = self.set_key(folder, "kwt_secret\n")
            self.assertEqual(run.code, 0)
            self.assertNotIn("secret", run.shown())
            before, meanwhile, after = run.keys
            self.assertEqual((meanwhile[3] & termios.ECHO, after), (0, before))
            self.assertIn("api-key = kwt_secret", (pathlib.Path(folder) / ".config/konekwa/config").read_text())

    def test_ctrl_c_leaves_the_terminal_and_the_key_as_they_were(self):
        with tempfile.TemporaryDirectory() as folder:
            run = self.set_key(folder, "kwt_sec\x03")
            self.assertEqual(run.code, 130)
            self.assertEqual(run.keys[2], run.keys[0])
            self.assertFalse((pathlib.Path(folder) / ".config/konekwa/config").exists())


class Progress(WithStandIn):
    ROWS = 40

    def send(self, *words, **how):
        path = self.folder / "pelanggan.csv"
        path.write_text("nomor\n" + "".join(f"62898765432{i:02}\n" for i in range(self.ROWS)))
        self.handler.delay_s = 0.04
        return self.konekwa("send", "--session", "toko", "--csv", str(path), "--to-column", "nomor", "--text", "Halo",
                            *words, **how)

    def test_it_comes_after_a_moment_fits_and_goes(self):
        run = self.send(out=False)
        bars = [(when, screen) for when, screen in run.screens() if "[" in screen]
        self.assertGreater(len(bars), 3)
        self.assertGreater(bars[0][0], 0.5)
        for _, screen in bars:
            line, = (line for line in screen.splitlines() if "[" in line)
            self.assertRegex(line, r"^\[#*-*\] \d+/40(, \d+ failed)?$")
            self.assertLess(len(line), 80)
        self.assertNotIn("[", run.last_screen())
        self.assertIn("36 of 40 messages accepted", run.last_screen())
        self.assertNotIn(b"\r", run.out)
        self.assertEqual(run.out.count(b"QUEUED"), 36)

    def test_it_fits_the_narrowest_screen(self):
        for columns in (44, 30, 20, 12, 4):
            with self.subTest(columns=columns):
                run = self.send(out=False, columns=columns)
                lines = [line for _, screen in run.screens() for line in screen.splitlines()
                         if re.match(r"\[|\d+/", line)]
                self.assertTrue(lines or columns == 4)
                self.assertTrue(all(len(line) < columns for line in lines), lines)
                self.assertNotRegex(run.last_screen(), r"\[#|\[-|^\d+/")

    def test_it_is_not_drawn_for_each_row(self):
        for out in (False, True):
            with self.subTest(out=out):
                run = self.send(out=out)
                drawn = re.findall(r"\r\x1b\[K\[", run.shown())
                self.assertLess(len(drawn), 11 * run.pieces[-1][0])
                cleared = re.findall(r"\r\x1b\[K(?!\[)", run.shown())
                self.assertLessEqual(len(cleared), len(drawn) if out else 1)

    def test_the_table_and_the_bar_share_a_screen(self):
        run = self.send()
        lines = run.last_screen().splitlines()
        self.assertEqual(len([line for line in lines if re.match(r"\d+ +62898\d+ +(msg_\d+ +QUEUED|REFUSED)", line)]),
                         self.ROWS)
        self.assertFalse(any("[" in line for line in lines))
        self.assertTrue(any(re.search(r"^\[#*-*\] \d+/40", screen, re.MULTILINE) for _, screen in run.screens()))

    def test_there_is_none_of_it_where_it_could_not_be_taken_back(self):
        for how in ({"err": False}, {"variables": {"TERM": "dumb"}}):
            with self.subTest(how=how):
                run = self.send("-q", **how)
                self.assertNotRegex(run.shown() + run.err.decode(), r"\x1b|\[#|\[-")

    def test_ctrl_c_takes_it_away_and_says_how_to_go_on(self):
        run = self.send(out=False, interrupt_when="[#")
        self.assertEqual(run.code, 130)
        self.assertNotRegex(run.last_screen(), r"\[#|\[-")
        self.assertIn("nothing is sent twice", run.last_screen())
        self.assertLess(run.out.count(b"QUEUED"), 36)


class Interrupts(WithStandIn):
    """A request that hangs ends with Ctrl-C, long before its time is over, and says what is not known of it."""

    SOON_S = 5   # where the time of a request is 30 s

    def interrupted(self, *words, how=signal.SIGINT):
        self.handler.hangs = True
        asked = threading.Event()
        hang = self.handler.hang
        self.handler.hang = lambda handler: (asked.set(), hang(handler))
        process = subprocess.Popen(["konekwa", *words], env=environment(self.url, self.folder), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertTrue(asked.wait(30))
        begin = time.monotonic()
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - begin, self.SOON_S)
        self.assertEqual(out, "")
        return process.returncode, err

    def test_what_only_reads_ends_without_a_word(self):
        for words in (("sessions", "list"), ("messages", "show", "msg_1"), ("events",)):
            with self.subTest(words=words):
                self.assertEqual(self.interrupted(*words), (130, ""))

    def test_a_message_may_have_been_accepted(self):
        send = "send", "--session", "toko", "--to", "6281234567890", "Halo"
        code, err = self.interrupted(*send)
        self.assertEqual(code, 130)
        self.assertIn("nobody knows whether it was done; with --idempotency-key a repeated send is safe", err)
        self.assertIn("with the same key it is done once", self.interrupted(*send, "--idempotency-key", "k")[1])
        code, err = self.interrupted(*send, "--json")
        self.assertEqual((code, json.loads(err)["error"]["code"]), (130, "CANCELLED"))

    def test_another_signal_is_passed_on(self):
        code, err = self.interrupted("send", "--session", "toko", "--to", "6281234567890", "Halo", how=signal.SIGTERM)
        self.assertEqual(code, -signal.SIGTERM)
        self.assertIn("nobody knows", err)

    def test_a_table_says_how_it_goes_on(self):
        path = self.folder / "pelanggan.csv"
        path.write_text("nomor\n6281234567890\n")
        self.handler.do_GET = lambda handler: handler.reply(200, {"id": "toko"})
        code, err = self.interrupted("send", "--session", "toko", "--csv", str(path), "Halo")
        self.assertEqual(code, 130)
        self.assertIn("the same command goes on from here; nothing is sent twice", err)


# Letters that drive a terminal: colours, a title, a cleared screen, the same in one octet, a bell, an order of letters.
EVIL = "\x1b[31mA\x1b]0;judul\x07\x1b[2J\u009b2J\x9d0;x\x9cB\r\b\x7f\u202eC\u200b"
WHAT_DRIVES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e]")


class WithDaemon(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="konekwa-terminal-"))
        cls.daemon = Daemon(cls.folder)
        cls.daemon.wait_until_it_listens()
        cls.url = f"unix://{cls.daemon.socket}"
        cls.run_quietly("sessions", "create", "--name", "Toko " + EVIL, "--id", "toko")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def run_quietly(cls, *words, **variables):
        return subprocess.run(["konekwa", *words], env=environment(cls.url, cls.folder, **variables), check=True,
                              capture_output=True, timeout=60, stdin=subprocess.DEVNULL).stdout.decode()

    def on_terminal(self, *words, variables=None, **how):
        return on_terminal(["konekwa", *words], environment(self.url, self.folder, **(variables or {})), **how)


class Plain(WithDaemon):
    """`qr` and its like where colours, the cursor or letters beyond ASCII are not wanted."""

    numbers = itertools.count()

    def each(self):
        yield "qr", "toko", "--timeout", "700ms"
        yield "pair", f"baru{next(self.numbers)}", "--timeout", "700ms"

    def test_a_dumb_terminal_and_one_without_a_name_get_no_sequence(self):
        for words, term in itertools.product(self.each(), ("dumb", "")):
            with self.subTest(words=words, term=term):
                run = self.on_terminal(*words, variables={"TERM": term}, columns=140, rows=70)
                self.assertEqual(run.code, 8)
                self.assertIn("##", run.shown())
                self.assertNotRegex(run.shown(), "[\x1b▀▄█]")

    def test_without_colours_there_is_no_colour(self):
        for words, (variables, mark) in itertools.product(self.each(), (
                ({"NO_COLOR": "1"}, "▀▀"), ({"NO_COLOR": "1", "LC_ALL": "C"}, "##"), ({"TERM": "vt100"}, "▀▀"))):
            with self.subTest(words=words, variables=variables):
                run = self.on_terminal(*words, variables=variables, columns=140, rows=70)
                self.assertTrue(any(mark in screen for _, screen in run.screens()))
                self.assertNotRegex(run.shown(), SGR)
                self.assertNotRegex(run.last_screen(), CODE)

    def test_a_locale_without_utf_8_gets_ascii_and_colours(self):
        for words, (term, colours) in itertools.product(self.each(), (
                ("xterm-256color", "\x1b[38;5;231;48;5;16m"), ("linux", "\x1b[37;40m"))):
            with self.subTest(words=words, term=term):
                run = self.on_terminal(*words, variables={"LC_ALL": "C", "TERM": term}, columns=140, rows=70)
                self.assertIn(colours, run.shown())
                self.assertTrue(run.shown().isascii())

    def test_a_pipe_gets_no_sequence(self):
        for words in (("qr", "toko"), ("sessions", "create", "--name", "Pipa", "--qr")):
            with self.subTest(words=words):
                run = self.on_terminal(*words, out=False, err=False)
                self.assertEqual((run.code, run.shown()), (0, ""))
                self.assertIn(b"##", run.out)
                self.assertTrue((run.out + run.err).isascii())
                self.assertNotIn(b"\x1b", run.out + run.err)

    def test_a_new_session_shows_its_code_at_once(self):
        for variables, mark in (({}, "▀▀▀"), ({"LC_ALL": "C"}, "\x1b[38;5;231;48;5;16m"), ({"NO_COLOR": "1"}, "▀▀▀"),
                                ({"TERM": "dumb"}, "##")):
            with self.subTest(variables=variables):
                run = self.on_terminal("sessions", "create", "--name", "Baru", "--qr", variables=variables, columns=140,
                                       rows=70, interrupt_when=mark)
                self.assertEqual(run.code, 130)
                self.assertRegex(run.shown(), r"id: +ses_\w+")
                if variables != {"TERM": "dumb"}:
                    self.assertNotRegex(run.last_screen(), CODE)


class Tables(WithDaemon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_quietly("sandbox", "scan", "--session", "toko", "--phone", "6281234567890")
        cls.run_quietly("sandbox", "phone", "--number", "6289876543210", "--name", "Nama " + EVIL)
        cls.run_quietly("templates", "create", "--name", "Salam " + EVIL, "--content", "Halo {{nama}} " + EVIL)
        cls.run_quietly("tokens", "create", "--name", "kasir")
        card = cls.folder / "kartu.vcf"
        card.write_bytes(f"BEGIN:VCARD\nVERSION:3.0\nFN:{EVIL}\nEND:VCARD\n".encode())
        say = ("sandbox", "say", "--from", "6289876543210", "--to", "6281234567890")
        cls.run_quietly(*say, "--text", "Halo " + EVIL)
        cls.run_quietly(*say, "--contact", str(card), "--name", "Kartu " + EVIL)
        cls.run_quietly(*say, "--document", str(card), "--filename", "Berkas " + EVIL, "--caption", "Judul " + EVIL)
        cls.run_quietly("send", "--session", "toko", "--to", "6289876543210", "--text", EVIL, "--wait", "delivered")
        cls.run_quietly("events", "--after", "0", "--types", "message.received", "--count", "3")

    def each(self):
        """Everything that shows what others have written."""
        yield from (("sessions", "list"), ("sessions", "show", "toko"), ("messages", "list"), ("templates", "list"),
                    ("tokens", "list"), ("health",), ("sandbox", "inbox", "6289876543210"),
                    ("webhooks", "failed"), ("webhooks", "deliveries"), ("config", "list"), ("tenants", "list"),
                    ("groups", "list", "--session", "toko"))
        for message in self.run_quietly("messages", "list", "-q").split():
            yield "messages", "show", message
        for template in self.run_quietly("templates", "list", "-q").split():
            yield "templates", "show", template

    def test_a_screen_shows_the_same_text_as_a_pipe_and_colours(self):
        coloured = 0
        for words in self.each():
            with self.subTest(words=words):
                run = self.on_terminal(*words, columns=1000, err=False)
                text = SGR.sub("", run.shown()).replace("\r\n", "\n")
                without_time = [re.sub(r"(?m)^(up|uptime|last seen).*$|\d+ s\b", "", each)
                                for each in (text, self.run_quietly(*words))]
                self.assertEqual(*without_time)
                coloured += text != run.shown().replace("\r\n", "\n")
                plain = self.on_terminal(*words, columns=1000, err=False, variables={"NO_COLOR": "1"})
                self.assertNotIn("\x1b", plain.shown())
        self.assertGreater(coloured, 5)

    def test_the_text_of_others_does_not_drive_the_terminal(self):
        for words in self.each():
            with self.subTest(words=words):
                for form in ([], ["--fields", "id,name,content,text,caption,filename,contacts"]):
                    run = self.on_terminal(*words, *form, columns=1000)
                    shown = SGR.sub("", run.shown()).replace("\r\n", "\n")
                    self.assertNotRegex(shown, WHAT_DRIVES)

    def test_what_was_written_is_still_there_without_that(self):
        for words in (("sessions", "list"), ("messages", "list"), ("templates", "list")):
            self.assertRegex(SGR.sub("", self.on_terminal(*words, columns=1000).shown()), r"\[31mA\]0;judul\[2J")

    def test_errors_do_not_drive_it_either(self):
        for words in (("sessions", "show", EVIL), ("send", "--session", EVIL, "--to", "628", "--text", "x"),
                      ("templates", "show", EVIL), ("qr", EVIL)):
            with self.subTest(words=words):
                run = self.on_terminal(*words, columns=1000)
                self.assertNotEqual(run.code, 0)
                self.assertNotRegex(SGR.sub("", run.shown()).replace("\r\n", "\n"), WHAT_DRIVES)

    def test_documents_for_programs_do_not_drive_it_either(self):
        for words in (("sessions", "list", "--json"), ("messages", "list", "--jsonl"), ("templates", "list", "--json"),
                      ("events", "--after", "0", "--types", "message.received", "--count", "3")):
            with self.subTest(words=words):
                self.assertNotRegex(self.on_terminal(*words).shown().replace("\r\n", "\n"), WHAT_DRIVES)

    def test_a_narrow_screen_cuts_the_last_column_only(self):
        run = self.on_terminal("messages", "list", columns=31, err=False)
        lines = [SGR.sub("", line) for line in run.shown().replace("\r\n", "\n").splitlines()]
        self.assertTrue(any(line.endswith("…") for line in lines))
        self.assertTrue(all(len(line) <= 31 for line in lines), lines)
        ids = self.run_quietly("messages", "list", "-q").split()
        self.assertLessEqual(set(ids), set(lines))


if __name__ == "__main__":
    unittest.main()
