#include "daemon/wa/handshake.h"

#include "proto/handshake.pb.h"

namespace konekwa::wa {
namespace {

Bytes serialize(const proto::HandshakeMessage& message) { return to_bytes(message.SerializeAsString()); }

Result<proto::HandshakeMessage> parse(ByteView frame) {
  proto::HandshakeMessage message;
  if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return fail(ErrorCode::PROTOCOL, "a handshake message does not parse");
  }
  return message;
}

Result<Key> parse_key(ByteView octets) {
  const auto key = to_array<32>(octets);
  if (!key) return fail(ErrorCode::PROTOCOL, "a key in the handshake is not of 32 octets");
  return *key;
}

Result<Key> open_key(SymmetricState& noise, ByteView sealed) {
  const auto opened = noise.open(sealed);
  if (!opened) return fail(opened.error());
  return parse_key(*opened);
}

}  // namespace

ClientHandshake::ClientHandshake(const KeyPair& noise_key, Bytes client_payload, Random& random)
    : noise_key_(noise_key),
      client_payload_(std::move(client_payload)),
      ephemeral_(generate_key_pair(random)),
      noise_(kNoiseXx) {
  noise_.mix_hash(ephemeral_.public_key);
}

Bytes ClientHandshake::hello() const {
  proto::HandshakeMessage message;
  message.mutable_client_hello()->set_ephemeral(konekwa::to_string(ephemeral_.public_key));
  return serialize(message);
}

Result<ClientHandshake::ServerClaim> ClientHandshake::read_server_hello(ByteView frame) {
  const auto message = parse(frame);
  if (!message) return fail(message.error());
  if (!message->has_server_hello()) return fail(ErrorCode::PROTOCOL, "no server hello where one was due");
  const auto& hello = message->server_hello();

  const auto ephemeral = parse_key(as_bytes(hello.ephemeral()));
  if (!ephemeral) return fail(ephemeral.error());
  server_ephemeral_ = *ephemeral;
  noise_.mix_hash(server_ephemeral_);
  if (const auto mixed = noise_.mix_agreement(ephemeral_.private_key, server_ephemeral_); !mixed) {
    return fail(mixed.error());
  }
  const auto static_key = open_key(noise_, as_bytes(hello.static_()));
  if (!static_key) return fail(static_key.error());
  if (const auto mixed = noise_.mix_agreement(ephemeral_.private_key, *static_key); !mixed) return fail(mixed.error());
  auto chain = noise_.open(as_bytes(hello.payload()));
  if (!chain) return fail(chain.error());
  return ServerClaim{*static_key, std::move(*chain)};
}

Result<ClientHandshake::Finish> ClientHandshake::finish() {
  proto::HandshakeMessage message;
  auto& out = *message.mutable_client_finish();
  out.set_static_(konekwa::to_string(noise_.seal(noise_key_.public_key)));
  if (const auto mixed = noise_.mix_agreement(noise_key_.private_key, server_ephemeral_); !mixed) {
    return fail(mixed.error());
  }
  out.set_payload(konekwa::to_string(noise_.seal(client_payload_)));
  return Finish{serialize(message), noise_.split()};
}

ServerHandshake::ServerHandshake(const ServerIdentity& identity, Random& random)
    : identity_(identity), ephemeral_(generate_key_pair(random)) {}

Result<Bytes> ServerHandshake::answer_client_hello(ByteView frame) {
  const auto message = parse(frame);
  if (!message) return fail(message.error());
  if (!message->has_client_hello()) return fail(ErrorCode::PROTOCOL, "no client hello where one was due");
  const auto client_ephemeral = parse_key(as_bytes(message->client_hello().ephemeral()));
  if (!client_ephemeral) return fail(client_ephemeral.error());

  // A client that sends its static key tries IK. A server hello with a static key of ours tells it to fall back.
  const bool tries_ik = message->client_hello().has_static_();
  noise_.emplace(tries_ik ? kNoiseXxFallback : kNoiseXx);
  noise_->mix_hash(*client_ephemeral);

  proto::HandshakeMessage answer;
  auto& hello = *answer.mutable_server_hello();
  hello.set_ephemeral(konekwa::to_string(ephemeral_.public_key));
  noise_->mix_hash(ephemeral_.public_key);
  if (const auto mixed = noise_->mix_agreement(ephemeral_.private_key, *client_ephemeral); !mixed) {
    return fail(mixed.error());
  }
  hello.set_static_(konekwa::to_string(noise_->seal(identity_.static_key.public_key)));
  if (const auto mixed = noise_->mix_agreement(identity_.static_key.private_key, *client_ephemeral); !mixed) {
    return fail(mixed.error());
  }
  hello.set_payload(konekwa::to_string(noise_->seal(identity_.certificate_chain)));
  return serialize(answer);
}

Result<ServerHandshake::Accepted> ServerHandshake::read_client_finish(ByteView frame) {
  const auto message = parse(frame);
  if (!message) return fail(message.error());
  if (!noise_ || !message->has_client_finish()) return fail(ErrorCode::PROTOCOL, "no client finish where one was due");
  const auto& finish = message->client_finish();

  // The static key is opened before the agreement with it is mixed in.
  const auto client_static = open_key(*noise_, as_bytes(finish.static_()));
  if (!client_static) return fail(client_static.error());
  if (const auto mixed = noise_->mix_agreement(ephemeral_.private_key, *client_static); !mixed) {
    return fail(mixed.error());
  }
  auto payload = noise_->open(as_bytes(finish.payload()));
  if (!payload) return fail(payload.error());
  return Accepted{*client_static, std::move(*payload), noise_->split()};
}

}  // namespace konekwa::wa
