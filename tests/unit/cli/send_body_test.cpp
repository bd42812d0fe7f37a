// What send makes of its options.
#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fstream>

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

 private:
  FakeDaemon daemon_{[this](const Asked& asked) {
    if (asked.target == "/v1/templates") return templates;
    if (asked.target.starts_with("/v1/templates/")) return one_template;
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
  CHECK(missing.err == "konekwa: error: cannot read " + path + "\n");
}

TEST_CASE("time, end and reference") {
  CHECK(Sender().body_of({"--text", "Halo", "--at", "2026-03-10T10:30:00+07:00", "--expires-in", "30m", "--reference",
                          "order-771"}) ==
        R"("message_type":"text","content":"Halo","client_reference":"order-771","expires_in":"30m",)"
        R"("send_at":"2026-03-10T10:30:00+07:00"})");
}

TEST_CASE("a template is found by a name that only one has, and its placeholders get values") {
  CHECK(Sender().body_of({"--template", "welcome", "--set", "name=Budi", "--set", "sum=1+1=2", "--set", "empty="}) ==
        R"("message_type":"text","template_id":"tpl_1",)"
        R"("placeholder_values":{"name":"Budi","sum":"1+1=2","empty":""}})");
  const Ran twice = Sender().send({"--template", "twice"});
  CHECK(twice.exit_code == 2);
  CHECK(twice.err == "konekwa: error: 2 templates are called twice\n"
                     "konekwa: hint: use the id: konekwa templates list shows it\n");
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
  sender.one_template = {404, R"({"error":{"code":"TEMPLATE_NOT_FOUND","message":"no"}})"};
  sender.templates.body = R"({"templates":[{"id":"tpl_1","name":"tpl_order","message_type":"text"}]})";
  CHECK(sender.body_of({"--template", "tpl_order"}) == R"("message_type":"text","template_id":"tpl_1"})");
}

TEST_CASE("what cannot be right is told before anything is asked") {
  Sender sender;
  CHECK(sender.send({}).err == "konekwa: error: --text is required\nkonekwa: hint: konekwa send --help\n");
  CHECK(sender.send({"--media-url", "https://a/b.jpg"}).err ==
        "konekwa: error: --media-url needs --type\nkonekwa: hint: konekwa send --help\n");
  CHECK(sender.requests() == 0);
}
