#include "daemon/wa/certificate.h"

#include "proto/handshake.pb.h"

namespace konekwa::wa {
namespace {

constexpr std::uint32_t kRootSerial = 0;
constexpr std::uint32_t kIntermediateSerial = 1;
constexpr std::uint32_t kLeafSerial = 2;
constexpr Duration kValidBefore = hours(24);
constexpr Duration kValidFor = hours(24) * 3650;

using Details = proto::NoiseCertificate::Details;

struct Subject {
  std::uint32_t serial = 0;
  std::uint32_t issuer_serial = 0;
  Key key{};
};

void issue(proto::NoiseCertificate& out, const Subject& subject, const Key& issuer_private, Time now, Random& random) {
  Details details;
  details.set_serial(subject.serial);
  details.set_issuer_serial(subject.issuer_serial);
  details.set_key(konekwa::to_string(subject.key));
  details.set_not_before(static_cast<std::uint64_t>(unix_seconds(now - kValidBefore)));
  details.set_not_after(static_cast<std::uint64_t>(unix_seconds(now + kValidFor)));
  out.set_details(details.SerializeAsString());
  out.set_signature(konekwa::to_string(sign(issuer_private, as_bytes(out.details()), random)));
}

// A certificate that `issuer_key` signed, and that is valid at `now`.
struct Verified {
  std::uint32_t serial = 0;
  std::uint32_t issuer_serial = 0;
  Key key{};
};
Result<Verified> verify_certificate(const proto::NoiseCertificate& certificate, const Key& issuer_key, Time now,
                                    const std::string& name) {
  if (!verify(issuer_key, as_bytes(certificate.details()), as_bytes(certificate.signature()))) {
    return fail(ErrorCode::UNTRUSTED, "the signature of the " + name + " certificate does not verify");
  }
  Details details;
  if (!details.ParseFromString(certificate.details())) {
    return fail(ErrorCode::UNTRUSTED, "the " + name + " certificate does not parse");
  }
  const auto key = to_array<32>(as_bytes(details.key()));
  if (!key) return fail(ErrorCode::UNTRUSTED, "the key of the " + name + " certificate is not of 32 octets");
  const auto seconds = unix_seconds(now);
  if (seconds < 0 || static_cast<std::uint64_t>(seconds) < details.not_before()) {
    return fail(ErrorCode::UNTRUSTED, "the " + name + " certificate is not valid yet; check the clock");
  }
  if (static_cast<std::uint64_t>(seconds) > details.not_after()) {
    return fail(ErrorCode::UNTRUSTED, "the " + name + " certificate has expired; check the clock");
  }
  return Verified{details.serial(), details.issuer_serial(), *key};
}

}  // namespace

ServerIdentity issue_server_identity(const KeyPair& root, const KeyPair& static_key, Time now, Random& random) {
  const auto intermediate = generate_key_pair(random);
  proto::CertChain chain;
  issue(*chain.mutable_intermediate(), {kIntermediateSerial, kRootSerial, intermediate.public_key}, root.private_key,
        now, random);
  issue(*chain.mutable_leaf(), {kLeafSerial, kIntermediateSerial, static_key.public_key}, intermediate.private_key, now,
        random);
  return {static_key, to_bytes(chain.SerializeAsString())};
}

Result<> verify_certificate_chain(ByteView chain, const Key& root, const Key& static_key, Time now) {
  proto::CertChain parsed;
  if (!parsed.ParseFromArray(chain.data(), static_cast<int>(chain.size()))) {
    return fail(ErrorCode::UNTRUSTED, "the certificate chain does not parse");
  }
  const auto intermediate = verify_certificate(parsed.intermediate(), root, now, "intermediate");
  if (!intermediate) return fail(intermediate.error());
  const auto leaf = verify_certificate(parsed.leaf(), intermediate->key, now, "leaf");
  if (!leaf) return fail(leaf.error());

  if (intermediate->issuer_serial != kRootSerial) {
    return fail(ErrorCode::UNTRUSTED, "the intermediate certificate is not the root's");
  }
  if (leaf->issuer_serial != intermediate->serial) {
    return fail(ErrorCode::UNTRUSTED, "the leaf certificate is not the intermediate's");
  }
  if (!equal(leaf->key, static_key)) {
    return fail(ErrorCode::UNTRUSTED, "the leaf certificate is not for the server's key");
  }
  return {};
}

}  // namespace konekwa::wa
