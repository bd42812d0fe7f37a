#include "daemon/session/sender.h"

#include "common/log.h"
#include "daemon/events/event_log.h"
#include "daemon/session/content_fields.h"
#include "daemon/session/group_fan_out.h"
#include "daemon/session/own_deeds.h"
#include "daemon/session/restrictions.h"
#include "daemon/wa/stanzas.h"

namespace konekwa::session {
namespace {

constexpr int kRowsInMemoryMax = 256;
constexpr std::size_t kUnackedMax = 64;
constexpr Duration kAckTimeout = seconds(30);
constexpr Duration kAckCheck = seconds(5);
constexpr Duration kRetryBase = seconds(2);
constexpr Duration kTypingAnOctet = milliseconds(67);   // 15 a second
constexpr Duration kTypingMin = seconds(1);
constexpr Duration kTypingMax = seconds(8);
constexpr int kRetryDoublingsMax = 6;

bool is_final(ErrorCode code) {
  return code == ErrorCode::RECIPIENT_NOT_ON_WHATSAPP || code == ErrorCode::ENCRYPTION_FAILED ||
         code == ErrorCode::NOT_GROUP_MEMBER || OutboundMedia::is_final(code);
}

// Refusals of a message to a group that say: the group is another than you think. 401, 403 and 404: you may not write
// to it; 420 and 421: its people have other addresses or devices.
constexpr const char* kOtherGroup[] = {"401", "403", "404", "420", "421"};

constexpr const char* kTimelocked = "463";

// The server's refusal as the user reads it.
Error rejection(const std::string& code) {
  if (code == kTimelocked) return Error(ErrorCode::REACHOUT_TIMELOCK, "wa_code 463");
  return Error(ErrorCode::SERVER_REJECTED, "wa_code " + code);
}

}  // namespace

Sender::Sender(const Link& link, FanOut& fan_out, PrivacyTokens& tokens, OutboundMedia& media, LinkPreviews& previews,
               Composer& composer)
    : link_(link), fan_out_(fan_out), tokens_(tokens), media_(media), previews_(previews), composer_(composer) {}

void Sender::wake() {
  has_more_ = true;
  load();
}

void Sender::wake_from_start() {
  loaded_until_ = 0;
  wake();
}

void Sender::load() {
  if (is_pumping_) return;
  is_pumping_ = true;
  while (has_more_ && loaded_ < kRowsInMemoryMax && unacked_.size() < kUnackedMax) {
    const int room = kRowsInMemoryMax - loaded_;
    auto rows = link_.env.readers.get<std::vector<store::MessageRow>>([&](store::Database& db) {
      return store::messages::outbox(db, link_.session, loaded_until_, room);
    });
    if (!rows) {
      link_.cut(rows.error());
      return;
    }
    has_more_ = static_cast<int>(rows->size()) == room;
    for (store::MessageRow& row : *rows) {
      loaded_until_ = row.sequence;
      if (!held_.insert(row.sequence).second) continue;
      ++loaded_;
      lanes_[row.chat_id].rows.push_back(std::move(row));
    }
    std::vector<std::string> chats;
    for (const auto& [chat, lane] : lanes_) chats.push_back(chat);
    for (const std::string& chat : chats) advance(chat);
    if (rows->empty()) break;
  }
  is_pumping_ = false;
}

void Sender::advance(const std::string& chat_id) {
  const auto it = lanes_.find(chat_id);
  if (it == lanes_.end()) return;
  Lane& lane = it->second;
  const auto chat = wa::Jid::parse(chat_id);
  rejoin(lane);
  while (!lane.rows.empty() && !lane.is_preparing && !lane.retry.is_pending() && unacked_.size() < kUnackedMax) {
    const store::MessageRow& row = lane.rows.front();
    if (const auto why = obstacle(row, chat)) {
      give_up(row, *why);
    } else if (is_prepared(row, *chat)) {
      transmit(row, *chat);
    } else {
      return;  // prepared() may have run already and taken the lane away
    }
    lane.rows.pop_front();
    --loaded_;
  }
  if (lane.rows.empty() && lane.again.empty() && !lane.is_preparing) lanes_.erase(it);
}

// Under their ids and in their order, in front of what was accepted later.
void Sender::rejoin(Lane& lane) {
  if (lane.is_preparing || lane.retry.is_pending()) return;   // the front row stays the one that it is about
  for (store::MessageRow& row : std::exchange(lane.again, {})) {
    const auto later = std::find_if(lane.rows.begin(), lane.rows.end(),
                                    [&](const store::MessageRow& other) { return other.sequence > row.sequence; });
    lane.rows.insert(later, std::move(row));
  }
}

bool Sender::is_prepared(const store::MessageRow& row, const wa::Jid& chat) {
  const auto then =
      alive_.guard([this, chat_id = row.chat_id](Result<> result) { prepared(chat_id, std::move(result)); });
  if (!fan_out_.is_ready(chat)) {
    lanes_.at(row.chat_id).is_preparing = true;
    fan_out_.prepare(chat, then);
    return false;
  }
  if (needs_media(row) && media_.find(row) == nullptr) {
    lanes_.at(row.chat_id).is_preparing = true;
    media_.prepare(row, then);
    return false;
  }
  if (!previews_.is_settled(row)) {
    lanes_.at(row.chat_id).is_preparing = true;
    previews_.prepare(row, [then] { then(Result<>()); });
    return false;
  }
  return !shows_typing(row, chat);
}

// The session's setting auto_typing: the other side sees somebody type, for as long as the text would take.
bool Sender::shows_typing(const store::MessageRow& row, const wa::Jid& chat) {
  Lane& lane = lanes_.at(row.chat_id);
  if (!link_.switches.auto_typing || row.message_type != "text" || lane.typed_for == row.sequence) return false;
  lane.typed_for = row.sequence;
  lane.is_preparing = true;
  link_.send(wa::composing(link_.device.addresses().canonical(chat)));
  const Duration pace = std::clamp(kTypingAnOctet * static_cast<int>(row.content.size()), kTypingMin, kTypingMax);
  lane.typing = link_.env.loop.after(pace, [this, chat_id = row.chat_id] { prepared(chat_id, {}); });
  return true;
}

// Why a message cannot be sent, whoever its recipient's devices are.
std::optional<Error> Sender::obstacle(const store::MessageRow& row, const std::optional<wa::Jid>& chat) const {
  if (row.expires_at && *row.expires_at <= link_.now()) {
    // What was on its way may have arrived.
    return Error(row.state == store::MessageState::SENDING ? ErrorCode::NO_ACK : ErrorCode::EXPIRED);
  }
  const bool is_group = chat && chat->server == wa::Server::Group && !chat->user.empty();
  // Everybody may react, where only admins may write.
  if (is_group && row.message_type != "reaction") return fan_out_.groups().obstacle(*chat);
  if (chat && (is_group || chat->is_person())) return std::nullopt;
  return Error(ErrorCode::INVALID_RECIPIENT, row.chat_id);
}

void Sender::prepared(const std::string& chat_id, Result<> result) {
  const auto it = lanes_.find(chat_id);
  if (it == lanes_.end()) return;
  Lane& lane = it->second;
  lane.is_preparing = false;
  if (result) {
    lane.failures = 0;
    // Devices can remain without keys; then is_ready() is still true for those that have them.
  } else if (is_final(result.error().code)) {
    give_up(lane.rows.front(), result.error());
    lane.rows.pop_front();
    --loaded_;
  } else {
    const int doublings = std::min(lane.failures++, kRetryDoublingsMax);
    log::warn("session", "{}: recipient not resolved, trying again: {}", link_.session, result.error().text());
    lane.retry = link_.env.loop.after(kRetryBase * (1 << doublings), [this, chat_id] {
      if (const auto waiting = lanes_.find(chat_id); waiting != lanes_.end()) waiting->second.retry.reset();
      advance(chat_id);
      load();
    });
    return;
  }
  advance(chat_id);
  load();
}

void Sender::transmit(const store::MessageRow& row, const wa::Jid& chat) {
  const auto outgoing = composer_.compose(row);
  auto node = outgoing ? fan_out_.encrypt(chat, *outgoing) : Result<wa::Node>(fail(outgoing.error()));
  if (!node) {
    give_up(row, node.error());
    return;
  }
  tokens_.attach(*node, chat);

  store::WriteBatch batch;
  const auto is_still_ours = std::make_shared<bool>(false);  // false when it was cancelled meanwhile
  batch.run([sequence = row.sequence, is_still_ours](store::Database& db) {
    *is_still_ours = store::messages::set_sending(db, sequence).has_value();
  });
  unacked_[row.wa_message_id] = {row.sequence, chat, std::nullopt};
  auto send = alive_.guard([this, id = row.wa_message_id, node = std::move(*node), is_still_ours] {
    const auto it = unacked_.find(id);
    if (it == unacked_.end()) return;
    if (!*is_still_ours) {
      held_.erase(it->second.sequence);
      unacked_.erase(it);
      fan_out_.on_unsent(id);
      return load();
    }
    it->second.sent_at = link_.now();
    link_.send(node);
    if (!ack_watch_.is_pending()) watch_acks();
  });
  link_.commit(std::move(batch), std::move(send));
}

void Sender::give_up(const store::MessageRow& row, const Error& why) {
  const auto state = why.code == ErrorCode::EXPIRED ? store::MessageState::EXPIRED : store::MessageState::FAILED;
  store::WriteBatch batch;
  batch.run([sequence = row.sequence, state, why, now = link_.now(), &random = link_.env.random](store::Database& db) {
    const auto failed = store::messages::set_failed(db, sequence, state, why, now);
    if (failed) events::message_changed(db, *failed, now, random);
  });
  commit_settled(std::move(batch), row.sequence);
}

void Sender::commit_settled(store::WriteBatch batch, std::int64_t sequence) {
  link_.commit(std::move(batch), alive_.guard([this, sequence] {
    held_.erase(sequence);
    sent_again_.erase(sequence);
    media_.forget(sequence);
    previews_.forget(sequence);
  }));
}

void Sender::on_ack(const wa::Node& ack) {
  const auto entry = unacked_.extract(ack.attr("id"));
  if (entry.empty()) return;  // of a resend for one device, or of an earlier connection
  const std::string error = ack.attr("error");
  store::WriteBatch batch;
  fan_out_.on_ack(ack, batch);
  if (is_to_go_again(entry.mapped(), error)) return send_again(entry.mapped(), std::move(batch));
  batch.run([session = link_.session, id = entry.key(), sequence = entry.mapped().sequence, error, now = link_.now(),
             &random = link_.env.random](store::Database& db) {
    using enum store::MessageState;
    const auto row = error.empty() ? store::messages::set_sent(db, session, id, now)
                                   : store::messages::set_failed(db, sequence, FAILED, rejection(error), now);
    if (row) events::message_changed(db, *row, now, random);
    if (error.empty() && row) apply_own_deed(db, *row, now);
    if (error == kTimelocked) put_restriction(db, session, {kReachoutTimelock, "new_contacts", 463, {}}, now);
  });
  commit_settled(std::move(batch), entry.mapped().sequence);
  if (error.empty()) tokens_.issue(entry.mapped().chat);

  std::vector<std::string> chats;
  for (const auto& [chat, lane] : lanes_) chats.push_back(chat);
  for (const std::string& chat : chats) advance(chat);
  load();
}

bool Sender::is_to_go_again(const Unacked& sent, const std::string& error) const {
  return sent.chat.server == wa::Server::Group && !sent_again_.contains(sent.sequence) &&
         std::find(std::begin(kOtherGroup), std::end(kOtherGroup), error) != std::end(kOtherGroup);
}

// Once, under its id, when the group has been asked about anew: that says why it was refused, or mends it.
void Sender::send_again(const Unacked& sent, store::WriteBatch batch) {
  sent_again_.insert(sent.sequence);
  link_.commit(std::move(batch), alive_.guard([this, sequence = sent.sequence] {
    auto row = link_.env.readers.get<std::optional<store::MessageRow>>(
        [&](store::Database& db) { return store::messages::find_by_sequence(db, sequence); });
    if (!row) return link_.cut(row.error());
    if (!*row || (*row)->state != store::MessageState::SENDING) {   // settled meanwhile by its expiry
      held_.erase(sequence);
      return load();
    }
    const std::string chat = (*row)->chat_id;
    lanes_[chat].again.push_back(std::move(**row));
    ++loaded_;
    advance(chat);
    load();
  }));
}

void Sender::watch_acks() {
  ack_watch_ = link_.env.loop.after(kAckCheck, [this] {
    ack_watch_.reset();
    const Time now = link_.now();
    for (const auto& [id, waiting] : unacked_) {
      if (waiting.sent_at && now - *waiting.sent_at > kAckTimeout) {
        return link_.cut(Error(ErrorCode::TIMEOUT, "WhatsApp did not acknowledge a message"));
      }
    }
    if (!unacked_.empty()) watch_acks();
  });
}

}  // namespace konekwa::session
