#include "daemon/wa/frame.h"

#include <catch2/catch.hpp>

using namespace konekwa;
using namespace konekwa::wa;

namespace {

// Everything that can be read, one payload after the other; "!" for an error.
std::string read_all(FrameReader& reader) {
  std::string out;
  for (;;) {
    const auto payload = reader.next();
    if (!payload) return out + "!";
    if (!*payload) return out;
    out += to_string(ByteView(**payload)) + " ";
  }
}

std::string read_in_pieces(ByteView stream, std::size_t piece_size) {
  FrameReader reader(FrameReader::Peer::Client, 100);
  std::string out;
  while (!stream.empty()) {
    const auto piece = stream.first(std::min(piece_size, stream.size()));
    reader.append(piece);
    out += read_all(reader);
    stream = stream.subspan(piece.size());
  }
  return out;
}

Bytes stream(ByteView routing_info) {
  return concat({intro(routing_info), frame(to_bytes("one")), frame({}), frame(to_bytes("three"))});
}

}  // namespace

TEST_CASE("frames carry their length in front") {
  CHECK(to_hex(frame(to_bytes("abc"))) == "000003616263");
  CHECK(to_hex(intro({})) == "57410603");
  CHECK(to_hex(intro(to_bytes("xy"))) == "45440001000002787957410603");
}

TEST_CASE("any split of the stream reads the same, with and without routing info") {
  for (const std::size_t size : {1u, 2u, 3u, 5u, 7u, 1000u}) {
    INFO(size);
    CHECK(read_in_pieces(stream({}), size) == "one  three ");
    CHECK(read_in_pieces(stream(to_bytes("routing")), size) == "one  three ");
  }
}

TEST_CASE("a server's stream has no intro") {
  FrameReader reader(FrameReader::Peer::Server, 100);
  reader.append(frame(to_bytes("one")));
  CHECK(read_all(reader) == "one ");
}

TEST_CASE("a wrong intro is refused at its first wrong octet") {
  for (const char* hex : {"00", "5742", "57410503", "4544000257410603", "45440001ffffff"}) {
    INFO(hex);
    FrameReader reader(FrameReader::Peer::Client, 100);
    reader.append(*from_hex(hex));
    CHECK(read_all(reader) == "!");
  }
}

TEST_CASE("frames over the limit are refused before they have come") {
  FrameReader reader(FrameReader::Peer::Server, 4);
  reader.append(frame(to_bytes("four")));
  reader.append(*from_hex("000005"));
  CHECK(read_all(reader) == "four !");
  reader.set_payload_max(5);
  reader.append(to_bytes("fives"));
  CHECK(read_all(reader) == "fives ");
}
