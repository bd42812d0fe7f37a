#include "daemon/events/event_types.h"

#include <catch2/catch.hpp>

namespace konekwa::events {
namespace {

using store::WebhookSettings;

TEST_CASE("who says nothing gets the usual events") {
  const WebhookSettings none;
  CHECK(wants_event(none, "message.received"));
  CHECK(wants_event(none, "session.status"));
  CHECK(wants_event(none, "session.something_new"));
  CHECK_FALSE(wants_event(none, "message.cancelled"));
  CHECK_FALSE(wants_event(none, "session.connected"));
}

TEST_CASE("a list of events is what the receiver gets, and a pattern stands for the usual ones") {
  const WebhookSettings some{.events = {"message.failed", "session.*", "message.cancelled"}};
  CHECK(wants_event(some, "message.failed"));
  CHECK(wants_event(some, "message.cancelled"));
  CHECK_FALSE(wants_event(some, "message.received"));
  CHECK(wants_event(some, "session.qr"));
  CHECK_FALSE(wants_event(some, "session.connected"));
  CHECK(wants_event({.events = {"*"}}, "message.read"));
  CHECK_FALSE(wants_event({.events = {"*"}}, "message.cancelled"));
}

TEST_CASE("a pattern that is none names those that there are") {
  for (const char* good : {"*", "message.*", "session.*", "message.poll_vote", "session.logged_out"}) {
    CHECK(event_pattern_problem(good).empty());
  }
  for (const char* bad : {"", "message", "message.", "mess*", "message.received ", "webhook.*"}) {
    CHECK(event_pattern_problem(bad).find("message.received") != std::string::npos);
  }
}

TEST_CASE("chats are ignored by address, by the other address, and by kind") {
  const WebhookSettings some{.ignore_chats = {"6281234567890@s.whatsapp.net", "groups", "status"}};
  CHECK(ignores_chat(some, "6281234567890@s.whatsapp.net", ""));
  CHECK(ignores_chat(some, "123456789012345@lid", "6281234567890@s.whatsapp.net"));
  CHECK_FALSE(ignores_chat(some, "6289876543210@s.whatsapp.net", "123456789012345@lid"));
  CHECK(ignores_chat(some, "120363012345678901@g.us", ""));
  CHECK(ignores_chat(some, "status@broadcast", ""));
  CHECK_FALSE(ignores_chat(some, "1600000000@broadcast", ""));
  CHECK_FALSE(ignores_chat(some, "session", ""));
  CHECK(ignores_chat({.ignore_chats = {"broadcasts"}}, "1600000000@broadcast", ""));
  CHECK(ignores_chat({.ignore_chats = {"channels"}}, "120363012345678901@newsletter", ""));
}

}  // namespace
}  // namespace konekwa::events
