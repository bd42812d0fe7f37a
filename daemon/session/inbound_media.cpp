#include "daemon/session/inbound_media.h"

#include "common/log.h"
#include "common/sha256.h"
#include "daemon/session/content_fields.h"
#include "daemon/store/messages.h"
#include "daemon/wa/media.h"

#include <unistd.h>

namespace konekwa::session {
namespace {

constexpr int kJobsMax = 8;                          // so many that slow ones leave the others room
constexpr std::size_t kAskedMax = 32;                // for each of which the phone has its time
constexpr int kAttemptsMax = 6;
constexpr Duration kAgain = seconds(10);             // doubled each time
constexpr Duration kPhoneTimeout = seconds(30);

bool is_gone(int status) { return status == 403 || status == 404 || status == 410; }

}  // namespace

struct InboundMedia::Job {
  store::MessageMediaRow row;
  MediaHosts::Hosts hosts;
  std::string encrypted, plain;
  bool has_asked_phone = false;
  Timer patience;

  ~Job() {
    if (!encrypted.empty()) ::unlink(encrypted.c_str());
    if (!plain.empty()) ::unlink(plain.c_str());
  }
};

void InboundMedia::wake() { look(); }

// Who waits for the phone takes the place of nobody: files that are gone must not keep back those that are there.
int InboundMedia::room() const {
  return kJobsMax - static_cast<int>(under_way_.size() - asked_.size() - answered_.size());
}

void InboundMedia::look() {
  while (room() > 0 && !answered_.empty()) {
    const JobPtr job = std::move(answered_.front());
    answered_.pop_front();
    fetch_from(job, 0);
  }
  if (room() <= 0) return;
  const int limit = kJobsMax + static_cast<int>(under_way_.size());
  auto due = link_.env.readers.get<std::vector<store::MessageMediaRow>>([&](store::Database& db) {
    return store::message_media::due(db, link_.session, link_.now(), limit);
  });
  if (!due) return;
  for (const store::MessageMediaRow& row : *due) {
    if (room() <= 0) return;
    if (!under_way_.contains(row.message)) begin(row);
  }
  const auto next = link_.env.readers.get<std::optional<Time>>(
      [&](store::Database& db) { return store::message_media::next_due_at(db, link_.session); });
  if (next && *next && **next > link_.now()) look_at(**next);
}

void InboundMedia::look_at(Time at) {
  timer_ = link_.env.loop.after(at - link_.now(), [this] {
    timer_.reset();
    look();
  });
}

void InboundMedia::begin(const store::MessageMediaRow& row) {
  under_way_.insert(row.message);
  const auto job = std::make_shared<Job>();
  job->row = row;
  const std::uint64_t max = link_.env.media.limits.inbound;
  if (static_cast<std::uint64_t>(row.length) > max) {
    return give_up(job, fmt::format("{} bytes are more than the limit of {}", row.length, max));
  }
  hosts_.get(alive_.guard([this, job](const Result<MediaHosts::Hosts>& hosts) {
    if (!hosts) return try_again(job, hosts.error().text());
    if (hosts->download.empty()) return try_again(job, "WhatsApp named no host for downloads");
    job->hosts = *hosts;
    fetch_from(job, 0);
  }));
}

void InboundMedia::fetch_from(const JobPtr& job, std::size_t which) {
  const std::string url = wa::download_url(job->hosts.download[which], media_file_of(job->row));
  if (url.empty()) return give_up(job, "the path of the file is not one of WhatsApp's");
  net::WebRequest request = hosts_.request("GET", url);
  job->encrypted = link_.env.media.files.temporary_path();
  request.download_path = job->encrypted;
  request.download_bytes_max = link_.env.media.limits.inbound + 64;   // padding and MAC
  link_.env.media.cdn.fetch(std::move(request), alive_.guard([this, job, which](const auto& response) {
    on_fetched(job, which, response);
  }));
}

void InboundMedia::on_fetched(const JobPtr& job, std::size_t which, const Result<net::WebResponse>& response) {
  if (response && response->status == 200) return open(job);
  if (response && is_gone(response->status)) return ask_phone(job);
  if (!response && response.error().code == ErrorCode::PAYLOAD_TOO_LARGE) return give_up(job, response.error().details);
  if (which + 1 < job->hosts.download.size()) return fetch_from(job, which + 1);
  try_again(job, response ? fmt::format("HTTP {}", response->status) : response.error().text());
}

void InboundMedia::open(const JobPtr& job) {
  job->plain = link_.env.media.files.temporary_path();
  struct Opened {
    Result<std::uint64_t> length;
    Bytes sha256;
  };
  const auto opened = std::make_shared<Opened>();
  link_.env.media.worker.run(
      [job, opened, &files = link_.env.media.files] {
        const wa::MediaFile file = media_file_of(job->row);
        opened->length = wa::decrypt_file(job->encrypted, job->plain, file);
        if (!opened->length) return;
        opened->sha256 = file.sha256;
        if (opened->sha256.empty()) {
          auto hashed = sha256_of_file(job->plain);
          if (!hashed) {
            opened->length = fail(hashed.error());
            return;
          }
          opened->sha256 = std::move(*hashed);
        }
        if (auto kept = files.adopt(job->plain, opened->sha256); !kept) opened->length = fail(kept.error());
      },
      alive_.guard([this, job, opened] {
        if (opened->length) return store(job, opened->sha256, *opened->length);
        const Error& why = opened->length.error();
        // What does not verify will not do so the next time; a full disk is another matter.
        why.code == ErrorCode::PROTOCOL ? give_up(job, why.text()) : try_again(job, why.text());
      }));
}

void InboundMedia::ask_phone(const JobPtr& job) {
  if (job->has_asked_phone) return give_up(job, "WhatsApp no longer has the file");
  const auto message = link_.env.readers.get<std::optional<store::MessageRow>>(
      [&](store::Database& db) { return store::messages::find_by_sequence(db, job->row.message); });
  const auto chat = message && *message ? wa::Jid::parse((*message)->chat_id) : std::nullopt;
  if (!chat) return give_up(job, "WhatsApp no longer has the file");
  const store::MessageRow& row = **message;
  // Senders choose ids, and an answer tells no more of the message: one question a time about each.
  if (asked_.contains(row.wa_message_id)) return try_again(job, "the phone is asked about another message of this id");
  if (asked_.size() >= kAskedMax) return try_again(job, "the phone is asked about too many files");
  std::optional<wa::Jid> participant;
  if (chat->server == wa::Server::Group) {
    participant = row.sender_lid.empty() ? wa::Jid::pn(row.sender) : wa::Jid::parse(row.sender_lid);
  }
  const wa::Jid own = link_.device.jid().user_jid();
  link_.send(wa::media_retry_receipt(row.wa_message_id, own, *chat, row.outbound, participant, job->row.media_key,
                                     link_.env.random));
  job->has_asked_phone = true;
  asked_[row.wa_message_id] = job;
  job->patience = link_.env.loop.after(kPhoneTimeout, [this, id = row.wa_message_id] {
    if (auto waiting = asked_.extract(id)) try_again(waiting.mapped(), "the phone that sent it did not answer");
  });
  link_.env.loop.post(alive_.guard([this] { look(); }));
}

void InboundMedia::on_media_retry(const wa::Node& notification) {
  const auto id = wa::media_retry_id(notification);
  if (!id) return;
  auto waiting = asked_.extract(*id);
  if (!waiting) return;
  const JobPtr job = waiting.mapped();
  job->patience.reset();
  const auto answer = wa::parse_media_retry(notification, job->row.media_key);
  if (!answer) return give_up(job, "the phone that sent it no longer has the file: " + answer.error().details);
  job->row.direct_path = answer->direct_path;
  store::WriteBatch batch;
  batch.run([message = job->row.message, path = answer->direct_path, now = link_.now()](store::Database& db) {
    store::message_media::set_direct_path(db, message, path, now);
  });
  link_.commit(std::move(batch), alive_.guard([this, job] {
    answered_.push_back(job);
    look();
  }));
}

void InboundMedia::store(const JobPtr& job, const Bytes& sha256, std::uint64_t length) {
  store::WriteBatch batch;
  batch.run([message = job->row.message, sha256, length, now = link_.now()](store::Database& db) {
    store::message_media::set_stored(db, message, sha256, static_cast<std::int64_t>(length), now);
  });
  settle(job, std::move(batch));
}

void InboundMedia::give_up(const JobPtr& job, const std::string& why) {
  log::warn("session", "{}: media of a message not stored: {}", link_.session, why);
  store::WriteBatch batch;
  batch.run([message = job->row.message, why](store::Database& db) {
    store::message_media::set_failed(db, message, why);
  });
  settle(job, std::move(batch));
}

void InboundMedia::try_again(const JobPtr& job, const std::string& why) {
  if (job->row.attempts + 1 >= kAttemptsMax) return give_up(job, why);
  store::WriteBatch batch;
  const Time next = link_.now() + kAgain * (1 << job->row.attempts);
  batch.run([message = job->row.message, why, next](store::Database& db) {
    store::message_media::postpone(db, message, why, next);
  });
  settle(job, std::move(batch));
}

void InboundMedia::settle(const JobPtr& job, store::WriteBatch batch) {
  link_.commit(std::move(batch), alive_.guard([this, message = job->row.message] {
    under_way_.erase(message);
    look();
  }));
}

}  // namespace konekwa::session
