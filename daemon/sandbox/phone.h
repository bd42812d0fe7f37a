// The simulated phone of an account: device 0, a Signal end of its own. It decrypts what it gets, answers with a
// delivery receipt, asks again for what it cannot decrypt, and encrypts again for who asks. It reads, writes and
// breaks its ratchets only when told.
#pragma once

#include "common/loop.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/saying.h"
#include "daemon/wa/content.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::sandbox {

class Phone final : public Outlet {
 public:
  Phone(Network& network, Account& account);
  ~Phone() override;

  Result<std::string> say_in_group(Group& group, const std::string& text);  // CONFLICT: it may not write there
  // The message id. INVALID_REQUEST, MESSAGE_NOT_FOUND (target or quote), STORAGE_UNAVAILABLE.
  Result<std::string> say(Account& to, const Saying& saying);
  // The decrypted file of a message of the inbox. MESSAGE_NOT_FOUND, NOT_FOUND: it has none, or none any more.
  Result<const MediaStore::File*> file_of(const std::string& message_id) const;
  Result<> read(const std::string& message_id);               // MESSAGE_NOT_FOUND
  void set_online(bool online);                               // offline, its mail waits
  void corrupt(const Account& peer);                          // ratchets with the peer's devices no longer fit theirs
  void welcome(Device& companion);                            // app-state keys and history for a new companion
  wa::PreKey fresh_prekey();
  void remember();                                            // moves ratchet changes into the record

  void on_mail() override;

 private:
  struct Decrypted {
    wa::MessageInfo info;
    wa::Jid sender;                                           // LID, with device
    wa::Content content;
  };
  void drain();
  void on_message(const wa::Node& message);
  void on_receipt(const wa::Node& receipt);
  void on_notification(const wa::Node& notification);
  Result<Decrypted> decrypt(const wa::Node& message);
  Result<wa::Content> decrypt_part(const wa::MessageInfo& info, const wa::Jid& sender, const wa::Node& enc);
  void take_sender_key(const wa::MessageInfo& info, const wa::Jid& sender, const wa::SenderKey& key);
  void take(const wa::Node& message, Decrypted decrypted);
  void ask_again(const wa::Node& message, const wa::Jid& sender, bool has_no_session);
  void encrypt_again(const wa::Node& receipt);
  bool renew_session(const wa::RetryRequest& request, const wa::Jid& device);
  void put_into_inbox(const Decrypted& decrypted);
  void check_copy(const Decrypted& decrypted) const;
  void check_type(const wa::Node& message, const Decrypted& decrypted) const;
  void share_app_state_keys(Device& companion);

  // phone_media.cpp
  Result<> upload(const Saying& saying, const std::string& id, wa::MediaFile& file);
  void fetch(ReceivedMessage& received, const Decrypted& decrypted);
  void upload_again(const wa::Node& receipt);
  std::string file_key(const std::string& author, const std::string& id) const;
  // phone_changes.cpp: what messages do to other messages, and say of them
  struct Known {
    const Account* author = nullptr;
    Bytes message;
  };
  std::optional<Known> find_message(const std::string& id) const;
  Result<> refer(const Saying& saying, const Account& chat, wa::Content& content) const;
  void apply(const Decrypted& decrypted, const Account& sender);

  void send(const SentMessage& message, Account& chat);
  void send(const SentMessage& message, const Group& group);
  void remember_sent(SentMessage message);
  std::set<std::string>& holders_of_key(const Group& group);        // rotates the key when one of them has left
  void encrypt_again_for_group(const wa::RetryRequest& request, const SentMessage& sent);
  wa::Node encrypted_for(const wa::Jid& device, ByteView message);  // <enc>; starts a ratchet when there is none
  void start_session(const wa::Jid& device);
  wa::Jid canonical(const wa::Jid& device) const;                   // by LID
  Party self() { return {account_, account_.devices.at(0)}; }

  Network& network_;
  Account& account_;
  PhoneRecord& record_;
  wa::SignalState signal_;
  Timer turn_;
};

SentMessage new_message(Network& network, std::string chat, const std::string& text);  // with a fresh id

}  // namespace konekwa::sandbox
