#include <catch2/catch.hpp>

#include "common/api/event_stream.h"

#include <vector>

using namespace konekwa;
using namespace konekwa::api;

namespace {

// "id|type|data" of each event, when the octets come in pieces of this size.
std::vector<std::string> events_of(std::string_view octets, std::size_t piece) {
  std::vector<std::string> out;
  EventStreamParser parser([&](const ServerEvent& event) {
    out.push_back(event.id + "|" + event.type + "|" + event.data);
    return true;
  });
  for (std::size_t at = 0; at < octets.size(); at += piece) REQUIRE(parser.feed(octets.substr(at, piece)).value());
  return out;
}

}  // namespace

TEST_CASE("events are the same however the octets are cut") {
  const std::string_view stream = ": keep-alive\n\n"
                                  "id: 41\n\n"
                                  "id: 42\nevent: message.sent\ndata: {\"a\":1}\n\n"
                                  "retry: 10\n\n"
                                  "data:first\r\ndata: second\r\n\r\n"
                                  "data: never ended";
  const std::vector<std::string> expected = {"41||", "42|message.sent|{\"a\":1}", "42||first\nsecond"};
  for (std::size_t piece : {std::size_t(1), std::size_t(3), std::size_t(7), stream.size()}) {
    CHECK(events_of(stream, piece) == expected);
  }
}

TEST_CASE("nothing is looked at after the event that is enough") {
  int count = 0;
  EventStreamParser parser([&](const ServerEvent&) { return ++count < 2; });
  CHECK(parser.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n") == false);
  CHECK(count == 2);
}

TEST_CASE("an event is bounded, in one line or in many") {
  const auto outcome_of = [](const std::string& line, int times) {
    EventStreamParser parser([](const ServerEvent&) { return true; });
    for (int i = 0; i < times; ++i) {
      if (const auto outcome = parser.feed(line); !outcome) return outcome.error().code == ErrorCode::PROTOCOL;
    }
    return false;
  };
  CHECK(outcome_of("data: " + std::string(1000, 'x'), 1100));
  CHECK(outcome_of("data: " + std::string(1000, 'x') + "\n", 1100));
  CHECK_FALSE(outcome_of("data: " + std::string(1000, 'x') + "\n\n", 1100));
}
