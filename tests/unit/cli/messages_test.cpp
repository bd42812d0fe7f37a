#include <catch2/catch.hpp>

#include "tests/unit/cli/fake_daemon.h"
#include "tests/unit/cli/program.h"

#include <fmt/format.h>

using namespace konekwa;
using namespace konekwa::cli;

namespace {

std::string page(const std::string& id, const std::string& next) {
  return fmt::format(R"({{"messages":[{{"id":"{}","status":"SENT","direction":"OUTBOUND","recipient":"628",)"
                     R"("created_at":"2026-03-10T10:30:00Z","caption":"Struk"}}]{}}})",
                     id, next.empty() ? "" : fmt::format(R"(,"next_page_token":"{}")", next));
}

// Three pages, found by their tokens.
Answered three_pages(const Asked& asked) {
  const auto has = [&](const char* token) {
    return asked.target.find(std::string("page_token=") + token) != std::string::npos;
  };
  return {200, has("p2") ? page("m_2", "p3") : has("p3") ? page("m_30", "") : page("m_1", "p2")};
}

}  // namespace

TEST_CASE("messages list --all walks every page under one header") {
  FakeDaemon daemon(three_pages);
  const Ran ran = Program(daemon.url()).run({"messages", "list", "--all", "--status", "SENT"});
  CHECK(ran.exit_code == 0);
  CHECK(ran.err.empty());
  CHECK(ran.out == "ID   CREATED               STATUS  PEER  TEXT\n"
                   "m_1  2026-03-10T10:30:00Z  SENT    628   Struk\n"
                   "m_2  2026-03-10T10:30:00Z  SENT    628   Struk\n"
                   "m_30  2026-03-10T10:30:00Z  SENT    628   Struk\n");
  REQUIRE(daemon.asked().size() == 3);
  CHECK(daemon.asked()[0].target == "/v1/messages?status=SENT&page_size=100&count=false");
  CHECK(daemon.asked()[2].target == "/v1/messages?status=SENT&page_size=100&page_token=p3&count=false");
}

TEST_CASE("with --all there is one document a page, or all the ids") {
  FakeDaemon daemon(three_pages);
  CHECK(Program(daemon.url()).run({"messages", "list", "--all", "--json"}).out ==
        page("m_1", "p2") + "\n" + page("m_2", "p3") + "\n" + page("m_30", "") + "\n");
  CHECK(Program(daemon.url()).run({"messages", "list", "--all", "-q"}).out == "m_1\nm_2\nm_30\n");
}

TEST_CASE("without --all one page is shown, and how to go on") {
  FakeDaemon daemon(three_pages);
  const Ran ran = Program(daemon.url()).run({"messages", "list", "-q"});
  CHECK(ran.out == "m_1\n");
  CHECK(Program(daemon.url()).run({"messages", "list"}).err == "konekwa: there are more: --page-token p2\n");
}

TEST_CASE("a list that leads in a circle ends") {
  FakeDaemon daemon([](const Asked&) { return Answered{200, page("m_1", "again")}; });
  CHECK(Program(daemon.url()).run({"messages", "list", "--all", "-q"}).exit_code == 1);
  CHECK(daemon.asked().size() == 2);
}

TEST_CASE("messages show prints what there is of a message") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"id":"m_1","session_id":"s","message_type":"location","status":"FAILED",)"
                         R"("direction":"OUTBOUND","recipient":"628","caption":"Struk","media_url":"http://a/b",)"
                         R"("filename":"b.pdf","latitude":-6.2,"longitude":106.8,)"
                         R"("vcard_data":"BEGIN:VCARD\nEND:VCARD","scheduled_at":"1","expires_at":"2",)"
                         R"("cancelled_at":"3","error":{"code":"EXPIRED","message":"too late","details":"by far"}})"};
  });
  CHECK(Program(daemon.url()).run({"messages", "show", "m_1"}).out ==
        "id:             m_1\n"
        "session_id:     s\n"
        "direction:      OUTBOUND\n"
        "status:         FAILED\n"
        "message_type:   location\n"
        "recipient:      628\n"
        "caption:        Struk\n"
        "media_url:      http://a/b\n"
        "filename:       b.pdf\n"
        "location:       -6.2, 106.8\n"
        "vcard_data:     BEGIN:VCARD END:VCARD\n"
        "scheduled_at:   1\n"
        "expires_at:     2\n"
        "cancelled_at:   3\n"
        "error:          too late\n"
        "error_code:     EXPIRED\n"
        "error_details:  by far\n");
}

TEST_CASE("messages cancel says what became of it") {
  FakeDaemon daemon([](const Asked&) {
    return Answered{200, R"({"message":"Message cancelled successfully","id":"m_1","status":"CANCELLED"})"};
  });
  CHECK(Program(daemon.url()).run({"messages", "cancel", "m_1"}).out == "Message cancelled successfully: CANCELLED\n");
  CHECK(Program(daemon.url()).run({"messages", "cancel", "m_1", "-q"}).out == "m_1\n");
}
