#include "daemon/wa/certificate.h"

#include <catch2/catch.hpp>

#include "daemon/wa/endpoint.h"
#include "proto/handshake.pb.h"
#include "tests/support/seeded_random.h"

using namespace konekwa;
using namespace konekwa::wa;
using konekwa::test::SeededRandom;

namespace {

const Time kNow = from_unix_seconds(1'773'137'400);

struct Issued {
  SeededRandom random{6};
  KeyPair root = generate_key_pair(random);
  KeyPair server = generate_key_pair(random);
  ServerIdentity identity = issue_server_identity(root, server, kNow, random);

  proto::CertChain chain() const {
    proto::CertChain chain;
    REQUIRE(chain.ParseFromArray(identity.certificate_chain.data(),
                                 static_cast<int>(identity.certificate_chain.size())));
    return chain;
  }
  Result<> verify(const proto::CertChain& chain) const {
    return verify_certificate_chain(to_bytes(chain.SerializeAsString()), root.public_key, server.public_key, kNow);
  }
};

proto::NoiseCertificate::Details details_of(const proto::NoiseCertificate& certificate) {
  proto::NoiseCertificate::Details details;
  REQUIRE(details.ParseFromString(certificate.details()));
  return details;
}

// The certificate with other details, properly signed.
void sign_again(proto::NoiseCertificate& certificate, const proto::NoiseCertificate::Details& details,
                const KeyPair& issuer, Random& random) {
  certificate.set_details(details.SerializeAsString());
  const auto signature = sign(issuer.private_key, as_bytes(certificate.details()), random);
  certificate.set_signature(to_string(ByteView(signature)));
}

}  // namespace

TEST_CASE("an issued chain verifies from a day before to years after") {
  const Issued issued;
  const auto verify_at = [&](Time at) {
    const auto& chain = issued.identity.certificate_chain;
    return verify_certificate_chain(chain, issued.root.public_key, issued.server.public_key, at);
  };
  CHECK(verify_at(kNow));
  CHECK(verify_at(kNow - hours(24)));
  CHECK(verify_at(kNow + hours(24) * 3650));
  CHECK_FALSE(verify_at(kNow - hours(25)));
  CHECK_FALSE(verify_at(kNow + hours(24) * 3651));
  CHECK(issued.identity.static_key.private_key == issued.server.private_key);
}

TEST_CASE("a chain of another root or for another key is not trusted") {
  Issued issued;
  const auto other = generate_key_pair(issued.random);
  const auto& chain = issued.identity.certificate_chain;
  const auto wrong_root = verify_certificate_chain(chain, other.public_key, issued.server.public_key, kNow);
  REQUIRE_FALSE(wrong_root);
  CHECK(wrong_root.error().code == ErrorCode::UNTRUSTED);
  CHECK_FALSE(verify_certificate_chain(chain, issued.root.public_key, other.public_key, kNow));
  CHECK_FALSE(verify_certificate_chain(chain, whatsapp_endpoint().root_key, issued.server.public_key, kNow));
}

TEST_CASE("serials must link the chain") {
  Issued issued;
  auto chain = issued.chain();
  auto details = details_of(chain.intermediate());
  details.set_issuer_serial(7);
  sign_again(*chain.mutable_intermediate(), details, issued.root, issued.random);
  CHECK_FALSE(issued.verify(chain));

  chain = issued.chain();
  details = details_of(chain.intermediate());
  details.set_serial(99);  // the leaf names another issuer
  sign_again(*chain.mutable_intermediate(), details, issued.root, issued.random);
  CHECK_FALSE(issued.verify(chain));
}

TEST_CASE("missing and damaged parts are not trusted") {
  const Issued issued;
  CHECK(issued.verify(issued.chain()));
  auto chain = issued.chain();
  chain.clear_leaf();
  CHECK_FALSE(issued.verify(chain));
  chain = issued.chain();
  chain.clear_intermediate();
  CHECK_FALSE(issued.verify(chain));
  chain = issued.chain();
  chain.mutable_leaf()->set_signature(std::string(64, 'x'));
  CHECK_FALSE(issued.verify(chain));
  chain = issued.chain();
  std::swap(*chain.mutable_leaf(), *chain.mutable_intermediate());
  CHECK_FALSE(issued.verify(chain));
  CHECK_FALSE(verify_certificate_chain(to_bytes("cert"), issued.root.public_key, issued.server.public_key, kNow));
  CHECK_FALSE(verify_certificate_chain({}, issued.root.public_key, issued.server.public_key, kNow));
}
