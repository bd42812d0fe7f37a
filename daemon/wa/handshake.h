// The handshake, octets in and octets out: each call takes or gives the payload of one frame.
// A client always begins with XX. A server also answers a client that tries IK, by falling back to XX.
// Once a call has failed the handshake is over; the connection has to end.
#pragma once

#include <optional>

#include "common/random.h"
#include "daemon/wa/certificate.h"
#include "daemon/wa/noise.h"

namespace konekwa::wa {

class ClientHandshake {
 public:
  ClientHandshake(const KeyPair& noise_key, Bytes client_payload, Random& random);

  Bytes hello() const;

  // What the server claims to be. The caller judges the chain before it calls finish().
  struct ServerClaim {
    Key static_key{};
    Bytes certificate_chain;
  };
  Result<ServerClaim> read_server_hello(ByteView frame);

  struct Finish {
    Bytes frame;
    TransportKeys keys;
  };
  Result<Finish> finish();

 private:
  KeyPair noise_key_;
  Bytes client_payload_;
  KeyPair ephemeral_;
  Key server_ephemeral_{};
  SymmetricState noise_;
};

class ServerHandshake {
 public:
  ServerHandshake(const ServerIdentity& identity, Random& random);

  Result<Bytes> answer_client_hello(ByteView frame);   // the server hello

  struct Accepted {
    Key client_static_key{};
    Bytes client_payload;
    TransportKeys keys;
  };
  Result<Accepted> read_client_finish(ByteView frame);

 private:
  ServerIdentity identity_;
  KeyPair ephemeral_;
  std::optional<SymmetricState> noise_;   // which protocol it is depends on the client hello
};

}  // namespace konekwa::wa
