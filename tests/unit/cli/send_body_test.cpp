// What send makes of its options.
#include <catch2/catch.hpp>

#include "tests/support/temp_dir.h"
#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fstream>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

const std::string kTo = R"("session_id":"s","recipient":"628",)";

class Sender {
 public:
  Ran send(std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), {"send", "--session", "s", "--to", "628"});
    return Program(daemon_.url()).run(words, input);
  }
  // The body that was posted, without what is the same in each; "" when nothing was.
  std::string body_of(std::vector<std::string> words, const std::string& input = {}) {
    if (send(std::move(words), input).exit_code != 0) return {};
    const Asked last = daemon_.asked().back();
    return last.method == "POST" && last.body.starts_with("{" + kTo) ? last.body.substr(kTo.size() + 1) : "";
  }
  std::size_t requests() const { return daemon_.asked().size(); }

  Answered templates = {200, R"({"templates":[{"id":"tpl_1","name":"welcome","message_type":"text"},)"
                             R"({"id":"tpl_2","name":"twice","message_type":"text"},)"
                             R"({"id":"tpl_3","name":"twice","message_type":"image"}]})"};
  Answered one_template = {200, R"({"id":"tpl_3","name":"twice","message_type":"image"})"};
  const Answered no_template = {404, R"({"error":{"code":"TEMPLATE_NOT_FOUND","message":"no"}})"};

 private:
  FakeDaemon daemon_{[this](const Asked& asked) {
    if (asked.target == "/v1/templates") return templates;
    if (asked.target == "/v1/templates/tpl_1") return Answered{200, R"({"id":"tpl_1","message_type":"text"})"};
    if (asked.target == "/v1/templates/tpl_3") return one_template;
    if (asked.target.starts_with("/v1/templates/")) return no_template;
    return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})"};
  }};
};

}  // namespace

TEST_CASE("media, with its kind") {
  CHECK(Sender().body_of({"--type", "document", "--media-url", "https://a/b.pdf", "--caption", "Struk", "--filename",
                          "struk.pdf"}) ==
        R"("message_type":"document","media_url":"https://a/b.pdf","caption":"Struk","filename":"struk.pdf"})");
}

TEST_CASE("a location and a contact tell their kind themselves") {
  CHECK(Sender().body_of({"--latitude", "-6.2", "--longitude", "106.8166"}) ==
        R"("message_type":"location","latitude":-6.2,"longitude":106.8166})");
  const std::string path = "/tmp/konekwa-test-vcard-" + std::to_string(::getpid());
  std::ofstream(path) << "BEGIN:VCARD\nEND:VCARD\n";
  const std::string contact = R"("message_type":"contact","vcard_data":"BEGIN:VCARD\nEND:VCARD"})";
  CHECK(Sender().body_of({"--vcard", path}) == contact);
  ::unlink(path.c_str());
  CHECK(Sender().body_of({"--vcard", "-"}, "BEGIN:VCARD\nEND:VCARD\n") == contact);
  const Ran missing = Sender().send({"--vcard", path});
  CHECK(missing.exit_code == 2);
  CHECK(missing.err == "konekwa: error: cannot read " + path + ": No such file or directory\n");
}

TEST_CASE("time, end and reference") {
  CHECK(Sender().body_of({"--text", "Halo", "--at", "2026-03-10T18:30:00+07:00", "--expires-in", "30m", "--reference",
                          "order-771"}) ==
        R"("message_type":"text","content":"Halo","client_reference":"order-771","expires_in":"30m",)"
        R"("send_at":"2026-03-10T18:30:00+07:00"})");
}

TEST_CASE("a template is found by a name that only one has, and its placeholders get values") {
  CHECK(Sender().body_of({"--template", "welcome", "--set", "name=Budi", "--set", "sum=1+1=2", "--set", "empty="}) ==
        R"("message_type":"text","template_id":"tpl_1",)"
        R"("placeholder_values":{"name":"Budi","sum":"1+1=2","empty":""}})");
  const Ran twice = Sender().send({"--template", "twice"});
  CHECK(twice.exit_code == 2);
  CHECK(twice.err == "konekwa: error: 2 templates are called twice: tpl_2, tpl_3\n"
                     "konekwa: hint: write the id of the one that is meant\n");
  CHECK(Sender().send({"--template", "none"}).exit_code == 3);
}

TEST_CASE("a template's id is asked for its kind, where the key may do that") {
  Sender sender;
  CHECK(sender.body_of({"--template", "tpl_3", "--media-url", "https://a/b.jpg"}) ==
        R"("message_type":"image","media_url":"https://a/b.jpg","template_id":"tpl_3"})");
  sender.one_template = {403, R"({"error":{"code":"FORBIDDEN","message":"no"}})"};
  CHECK(sender.body_of({"--template", "tpl_3", "--type", "image"}) ==
        R"("message_type":"image","template_id":"tpl_3"})");
  CHECK(sender.body_of({"--template", "tpl_3"}) == R"("message_type":"text","template_id":"tpl_3"})");
}

TEST_CASE("a name may look like an id") {
  Sender sender;
  sender.templates.body = R"({"templates":[{"id":"tpl_1","name":"tpl_order","message_type":"text"}]})";
  CHECK(sender.body_of({"--template", "tpl_order"}) == R"("message_type":"text","template_id":"tpl_1"})");
}

TEST_CASE("what cannot be right is told before anything is asked") {
  Sender sender;
  CHECK(sender.send({}).err == "konekwa: error: a text is required\nkonekwa: hint: konekwa send --help\n");
  CHECK(sender.send({"--media-url", "https://a/b.jpg"}).err ==
        "konekwa: error: --media-url needs --type\nkonekwa: hint: konekwa send --help\n");
  CHECK(sender.requests() == 0);
}

namespace {

// An upload answers with the name it was given; whatever is sent is accepted.
struct Uploader {
  std::string body_of(std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), {"send", "--session", "s", "--to", "628"});
    ran = Program(daemon.url()).run(words, input);
    const auto asked = daemon.asked();
    return asked.empty() || asked.back().target != "/v1/messages" ? "" : asked.back().body.substr(kTo.size() + 1);
  }
  std::string write(const std::string& name, const std::string& content) {
    std::ofstream(dir.file(name)) << content;
    return dir.file(name);
  }

  test::TempDir dir;
  Ran ran;
  Answered upload = {201, R"({"id":"med_1","media_url":"konekwa://media/med_1"})"};
  FakeDaemon daemon{[this](const Asked& asked) {
    if (asked.target.starts_with("/v1/media")) return upload;
    return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})"};
  }};
};

}  // namespace

TEST_CASE("a file of this machine is uploaded, and sent by what comes back") {
  Uploader u;
  const std::string content(200'000, 'x');
  CHECK(u.body_of({"--image", u.write("Struk 1.JPG", content), "--caption", "Struk"}) ==
        R"("message_type":"image","caption":"Struk","media_url":"konekwa://media/med_1"})");
  const Asked upload = u.daemon.asked().front();
  CHECK(upload.method == "POST");
  CHECK(upload.target == "/v1/media?filename=Struk%201.JPG");
  CHECK(upload.body == content);
  CHECK(upload.header("Content-Type") == "image/jpeg");
}

TEST_CASE("a document keeps its name, unless it gets another") {
  Uploader u;
  const std::string path = u.write("a.pdf", "%PDF");
  CHECK(u.body_of({"--document", path}) ==
        R"("message_type":"document","media_url":"konekwa://media/med_1","filename":"a.pdf"})");
  CHECK(u.body_of({"--document", path, "--filename", "Struk.pdf"}) ==
        R"("message_type":"document","filename":"Struk.pdf","media_url":"konekwa://media/med_1"})");
}

TEST_CASE("a URL is sent as it is") {
  Uploader u;
  CHECK(u.body_of({"--audio", "https://a/b.ogg", "--voice"}) ==
        R"("message_type":"audio","voice":true,"media_url":"https://a/b.ogg"})");
  CHECK(u.body_of({"--video", "konekwa://media/med_7"}) ==
        R"("message_type":"video","media_url":"konekwa://media/med_7"})");
  CHECK(u.daemon.asked().size() == 2);
}

TEST_CASE("nothing is sent when the file cannot be read, or is not taken") {
  Uploader u;
  CHECK(u.body_of({"--image", u.dir.file("none.jpg")}).empty());
  CHECK(u.ran.exit_code == 2);
  CHECK(u.ran.err == "konekwa: error: cannot read " + u.dir.file("none.jpg") + ": No such file or directory\n");
  CHECK(u.body_of({"--image", u.dir.path()}).empty());
  CHECK(u.ran.exit_code == 2);
  CHECK(u.ran.err == "konekwa: error: cannot read " + u.dir.path() + ": it is a directory\n");
  CHECK(u.body_of({"--image", "/dev/zero"}).empty());
  CHECK(u.ran.err == "konekwa: error: cannot read /dev/zero: it is a device\n");
  u.upload = {507, R"({"error":{"code":"STORAGE_FULL","message":"no room"}})"};
  CHECK(u.body_of({"--image", u.write("a.jpg", "x")}).empty());
  CHECK(u.ran.exit_code == 1);
}

TEST_CASE("a place in one option, with its name") {
  Uploader u;
  CHECK(u.body_of({"--location", "-6.2,106.816666", "--name", "Toko", "--address", "Jl. Merdeka 1"}) ==
        R"("message_type":"location","latitude":-6.2,"longitude":106.816666,"name":"Toko","address":"Jl. Merdeka 1"})");
  u.body_of({"--location", "-6.2"});
  CHECK(u.ran.exit_code == 2);
}

TEST_CASE("one contact or several, an answer, mentions and a preview") {
  Uploader u;
  const std::string card = u.write("a.vcf", "BEGIN:VCARD\nEND:VCARD\n");
  CHECK(u.body_of({"--contact", card}) ==
        R"("message_type":"contact","vcard_data":"BEGIN:VCARD\nEND:VCARD"})");
  CHECK(u.body_of({"--contact", card, "--contact", card}) ==
        R"("message_type":"contact","contacts":["BEGIN:VCARD\nEND:VCARD","BEGIN:VCARD\nEND:VCARD"]})");
  CHECK(u.body_of({"--text", "@628 halo", "--reply-to", "msg_7", "--mention", "628", "--mention", "629"}) ==
        R"("message_type":"text","content":"@628 halo","reply_to":"msg_7","mentions":["628","629"]})");
}

TEST_CASE("a message has one file") {
  Uploader u;
  CHECK(u.body_of({"--image", "https://a/b.jpg", "--video", "https://a/b.mp4"}).empty());
  CHECK(u.ran.exit_code == 2);
}

TEST_CASE("a preview of the link is asked for by name") {
  CHECK(Sender().body_of({"--text", "https://a.example", "--link-preview"}) ==
        R"("message_type":"text","content":"https://a.example","link_preview":true})");
}

TEST_CASE("words are sent where there is room for them, and never dropped") {
  struct Words {
    std::vector<std::string> given;
    const char* refused;   // "": sent, as a caption
  };
  const Words kWords[] = {
      {{"--media-url", "https://example.com/a.jpg", "--type", "image", "--text", "Struk"}, ""},
      {{"--media-url", "https://example.com/a.jpg", "--type", "image", "--text", "a", "--caption", "b"}, "has no text"},
      {{"--media-url", "https://example.com/a.ogg", "--type", "audio", "--text", "a"}, "has no text"},
      {{"--location", "-6.2,106.8", "--caption", "a"}, "has no caption"},
      {{"--text", "a", "--caption", "b"}, "has no caption"},
      {{"--text", "a", "--voice"}, "is no voice note"},
      {{"--text", "a", "--timeout", "5s"}, "requires --wait"}};
  for (const Words& words : kWords) {
    std::string body;
    FakeDaemon daemon([&](const Asked& asked) {
      body = asked.body;
      return Answered{202, R"({"message_id":"msg_1","status":"QUEUED"})"};
    });
    std::vector<std::string> line{"send", "--session", "s", "--to", "6281234567890"};
    line.insert(line.end(), words.given.begin(), words.given.end());
    const Ran ran = Program(daemon.url()).run(line);
    INFO(words.refused << ": " << ran.err);
    const bool is_sent = words.refused[0] == '\0';
    CHECK(ran.exit_code == (is_sent ? 0 : 2));
    if (is_sent) CHECK(body.find(R"("caption":"Struk")") != std::string::npos);
    else CHECK(ran.err.find(words.refused) != std::string::npos);
  }
}

TEST_CASE("what comes through a pipe is sent as a file") {
  Uploader u;
  const std::string content(200'000, 'x');
  CHECK(u.body_of({"--image", "-", "--caption", "Struk"}, content) ==
        R"("message_type":"image","caption":"Struk","media_url":"konekwa://media/med_1"})");
  CHECK(u.daemon.asked().front().body == content);
  CHECK(u.daemon.asked().front().target == "/v1/media");
  CHECK(u.body_of({"--document", "-", "--filename", "Struk.pdf"}, "%PDF") ==
        R"("message_type":"document","filename":"Struk.pdf","media_url":"konekwa://media/med_1"})");
  const Asked upload = u.daemon.asked()[2];
  CHECK(upload.target == "/v1/media?filename=Struk.pdf");
  CHECK(upload.header("Content-Type") == "application/pdf");

  const std::string fifo = u.dir.file("a.pdf");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::thread writer([&] { std::ofstream(fifo) << "%PDF"; });
  CHECK(u.body_of({"--document", fifo}) ==
        R"("message_type":"document","media_url":"konekwa://media/med_1","filename":"a.pdf"})");
  writer.join();
}

TEST_CASE("an empty pipe, one without a name for its document and one for two things are refused") {
  Uploader u;
  CHECK(u.body_of({"--image", "-"}).empty());
  CHECK(u.ran.err == "konekwa: error: cannot read stdin: the pipe ended before anything came\n");
  CHECK(u.ran.exit_code == 2);
  CHECK(u.body_of({"--document", "-"}, "x").empty());
  CHECK(u.ran.err.starts_with("konekwa: error: a document out of a pipe needs --filename\n"));
  CHECK(u.body_of({"--image", "-", "--caption", "-"}, "x").empty());
  CHECK(u.ran.err == "konekwa: error: stdin can be read for one of them only: --caption, --image\n");
  CHECK(u.daemon.asked().empty());
}
