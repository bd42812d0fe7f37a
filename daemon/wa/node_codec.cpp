#include "daemon/wa/node_codec.h"

#include <zlib.h>

namespace konekwa::wa {
namespace {

constexpr std::uint8_t kFlagDeflated = 2;
constexpr std::size_t kInflateStep = 16 * 1024;

class Inflater {
 public:
  explicit Inflater(ByteView in) {
    stream_.next_in = const_cast<Bytef*>(in.data());  // zlib's interface predates const; it only reads
    stream_.avail_in = static_cast<uInt>(in.size());
    KONEKWA_ASSERT(inflateInit(&stream_) == Z_OK);
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Result<Bytes> run(std::size_t max) {
    Bytes out;
    int status = Z_OK;
    while (status == Z_OK) {
      const auto done = out.size();
      if (done > max) return fail(ErrorCode::PROTOCOL, "a zlib stream longer than its limit");
      out.resize(done + std::max(kInflateStep, done));
      stream_.next_out = out.data() + done;
      stream_.avail_out = static_cast<uInt>(out.size() - done);
      status = inflate(&stream_, Z_NO_FLUSH);
      out.resize(out.size() - stream_.avail_out);
    }
    if (status != Z_STREAM_END) return fail(ErrorCode::PROTOCOL, "a damaged zlib stream");
    if (stream_.avail_in != 0) return fail(ErrorCode::PROTOCOL, "octets after the zlib stream");
    if (out.size() > max) return fail(ErrorCode::PROTOCOL, "a zlib stream longer than its limit");
    return out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

Bytes zlib_deflate(ByteView bytes) {
  auto size = compressBound(static_cast<uLong>(bytes.size()));
  Bytes out(size);
  KONEKWA_ASSERT(compress2(out.data(), &size, bytes.data(), static_cast<uLong>(bytes.size()),
                           Z_DEFAULT_COMPRESSION) == Z_OK);
  out.resize(size);
  return out;
}

Result<Bytes> zlib_inflate(ByteView bytes, std::size_t max) { return Inflater(bytes).run(max); }

Bytes pack_node(const Node& node) {
  Bytes out{0};
  append(out, encode_node(node));
  return out;
}

Result<Node> unpack_node(ByteView plaintext) {
  if (plaintext.empty()) return fail(ErrorCode::PROTOCOL, "an empty frame");
  const auto body = plaintext.subspan(1);
  if ((plaintext[0] & kFlagDeflated) == 0) return decode_node(body);
  const auto inflated = zlib_inflate(body, kInflatedBytesMax);
  if (!inflated) return tl::make_unexpected(inflated.error());
  return decode_node(*inflated);
}

}  // namespace konekwa::wa
