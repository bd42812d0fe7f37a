"""examples/auto-reply.sh: who writes a keyword is answered once, whatever happens meanwhile."""

import datetime
import itertools
import json
import signal
import urllib.request

from examples.gateway import BINARIES, OWN, GatewayTest, until, write_program

NUMBERS = itertools.count(6281234567801)
# konekwa that gets stuck once it has sent, before the program can write down that it has.
STUCK = """#!/bin/bash
"{konekwa}" "$@" || exit
[[ $1 != send ]] || {{ echo sent >>"$SEEN"; exec tail -f /dev/null; }}
"""


class AutoReply(GatewayTest):
    """Each test has a customer of its own, and the program begins with what is written from then on."""

    def setUp(self):
        super().setUp()
        self.state = self.folder / "state"
        self.customer = str(next(NUMBERS))
        self.make_phone(self.customer)
        self.received_before = self.received()

    def start(self, **more):
        process = self.start_example("auto-reply.sh", AUTO_REPLY_STATE=str(self.state), **more)
        until("it has a state", self.state.exists)
        return process

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()

    def write(self, *texts):
        for text in texts:
            self.say(text, self.customer)

    def received(self):
        return json.loads(self.konekwa("messages", "list", "--direction", "received", "--json"))["total_count"]

    def wait_until_dealt_with(self, count):
        """With so many messages since the test began, as its state tells."""
        events = self.konekwa("events", "--session", "toko", "--types", "message.received", "--after", "0", "--count",
                              str(self.received_before + count))
        last = json.loads(events.splitlines()[-1])["sequence"]
        until("it has dealt with all", lambda: int(self.state.read_text().split()[0]) == last)

    def answers(self, count):
        """All that the customer has got once there are so many: with two words of each, and with what it quotes."""
        self.wait_for_texts(self.customer, count)
        messages = json.loads(self.konekwa("sandbox", "inbox", self.customer, "--json"))["messages"]
        return [" ".join(message["text"].split()[:2]) for message in messages], [m["quote"] for m in messages]

    def admin(self, path, **body):
        base = json.loads(self.konekwa("api", "/v1/sandbox"))["admin"]
        request = urllib.request.Request(f"{base}/{path}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def test_keywords_are_answered_with_a_quote_and_nothing_else_is(self):
        self.start()
        self.write("apa kabar?", "  MENU ", "Jam\nbuka", "$(id)", "*")
        self.wait_until_dealt_with(5)
        self.assertEqual(self.answers(2)[0], ["Menu kami:", "Kami buka"])

    def test_groups_and_what_the_shop_writes_itself_are_left_alone(self):
        group = self.admin("groups", subject="Toko", creator=self.customer, members=[OWN])["id"]
        self.start()
        self.admin(f"groups/{group}/say", **{"from": self.customer, "text": "menu"})
        self.konekwa("sandbox", "say", "--from", OWN, "--to", self.customer, "--text", "menu")
        self.wait_until_dealt_with(1)
        self.write("alamat")
        self.wait_until_dealt_with(2)
        until("it has answered", lambda: any(text.startswith("Kami di") for text in self.texts(self.customer)))
        self.assertEqual([text for text in self.texts(self.customer) if text.startswith("Menu")], [])

    def test_killed_after_it_has_sent_it_answers_once(self):
        write_program(self.path / "konekwa", STUCK.format(konekwa=BINARIES / "konekwa"))
        seen = self.folder / "seen"
        process = self.start(SEEN=str(seen))
        self.write("menu")
        until("it has sent", seen.exists)
        self.kill(process)
        (self.path / "konekwa").unlink()
        self.write("alamat", "terima kasih")
        self.start()
        self.wait_until_dealt_with(3)
        self.assertEqual(self.answers(2)[0], ["Menu kami:", "Kami di"])

    def test_killed_again_and_again_it_answers_each_once(self):
        process = self.start()
        for _ in range(4):
            self.write("halo", "halo", "halo")
            self.kill(process)
            process = self.start()
        self.wait_until_dealt_with(12)
        quotes = self.answers(12)[1]
        self.assertEqual((len(quotes), len(set(quotes))), (12, 12))

    def test_beside_other_sessions_it_does_not_begin_anew(self):
        for _ in range(3):   # events that move the position, and not the sequence of this session
            self.konekwa("sessions", "create", "--name", "Cabang")
        process = self.start()
        self.write("menu")
        self.wait_until_dealt_with(1)
        self.kill(process)
        write_program(self.path / "konekwa", f"#!/bin/sh\n[ $1 != send ] || echo sent >>sent\nexec {BINARIES}/konekwa "
                      '"$@"\n')
        self.start()
        self.write("alamat")
        self.wait_until_dealt_with(2)
        self.assertEqual((self.folder / "sent").read_text(), "sent\n")

    def test_a_restart_of_the_gateway_loses_none(self):
        process = self.start()
        self.write("menu")
        self.wait_until_dealt_with(1)
        self.daemon.stop()
        self.start_gateway()
        until("the session is connected", self.is_connected)
        self.write("jam buka")
        self.wait_until_dealt_with(2)
        self.assertEqual(self.answers(2)[0], ["Menu kami:", "Kami buka"])
        self.assertIsNone(process.poll())

    def test_what_came_before_the_first_start_is_not_answered(self):
        self.write("menu")
        until("the message is there", lambda: self.received() == self.received_before + 1)
        until("a second has passed", self.is_a_second_later)
        self.start()
        self.write("alamat")
        self.wait_until_dealt_with(2)
        self.assertEqual(self.answers(1)[0], ["Kami di"])

    def is_a_second_later(self):
        """Than the newest message: events tell the time to the second."""
        newest = json.loads(self.konekwa("messages", "list", "--page-size", "1", "--json"))["messages"][0]
        return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") > newest["created_at"]

    def test_what_is_old_when_it_comes_back_is_left_to_people(self):
        write_program(self.path / "date", "#!/bin/sh\n[ \"$3\" != '-43200 seconds' ] || set -- -u -d '1 hour' +%FT%TZ\n"
                      "exec /usr/bin/date \"$@\"\n")
        self.start()
        self.write("menu")
        self.wait_until_dealt_with(1)
        self.assertEqual(self.texts(self.customer), [])

    def test_it_ends_when_it_is_told_to(self):
        process = self.start()
        process.terminate()
        self.assertEqual(process.wait(20), 0)

    def test_without_its_session_or_the_gateway_it_ends(self):
        for code, more in ((3, {"KONEKWA_SESSION": "hilang"}), (7, {"KONEKWA_URL": "unix:///nowhere"})):
            done = self.run_example("auto-reply.sh", AUTO_REPLY_STATE=str(self.state), **more)
            self.assertEqual(done.returncode, code, done.stderr)
