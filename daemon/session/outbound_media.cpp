#include "daemon/session/outbound_media.h"

#include "common/json.h"
#include "common/log.h"
#include "daemon/session/content_fields.h"
#include "daemon/store/uploads.h"

#include <nlohmann/json.hpp>

#include <unistd.h>

namespace konekwa::session {
namespace {

constexpr int kJobsMax = 3;
constexpr std::size_t kReadyMax = 256;
constexpr int kFetchesMax = 3;
constexpr Duration kFetchAgain = seconds(2);
constexpr Duration kFetchTimeout = minutes(2);
constexpr Duration kUploadLifetime = hours(24 * 14);   // the CDN keeps a file for about 30 days
constexpr std::string_view kUploadScheme = "konekwa://media/";
constexpr const char* kOpus = "audio/ogg; codecs=opus";

// The class that a file of this message type must have: "image/", ...; "": any.
std::string class_of(const std::string& message_type) {
  return message_type == "document" ? "" : message_type + "/";
}

std::string default_mimetype(const std::string& message_type) {
  if (message_type == "image") return "image/jpeg";
  if (message_type == "video") return "video/mp4";
  if (message_type == "audio") return "audio/mpeg";
  return "application/octet-stream";
}

std::string without_parameters(const std::string& content_type) {
  std::string out = content_type.substr(0, content_type.find(';'));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string last_part(const std::string& url) {
  const std::string path = url.substr(0, url.find_first_of("?#"));
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash + 1 == path.size() ? "" : path.substr(slash + 1);
}

}  // namespace

struct OutboundMedia::Job {
  store::MessageRow message;
  Json fields;
  wa::MediaKind kind{};
  std::string plain, encrypted;          // paths; temporary ones are removed with the job
  bool plain_is_temporary = false;
  std::string declared_type, filename;
  media_probe::MediaFacts facts;
  wa::EncryptedFile sealed;
  store::MessageMediaRow row;
  bool has_renewed_auth = false;
  Done done;

  ~Job() {
    if (plain_is_temporary) ::unlink(plain.c_str());
    if (!encrypted.empty()) ::unlink(encrypted.c_str());
  }
};

// Of the file where that is known, else what its source says when it fits the message.
std::string OutboundMedia::mimetype_of(const Job& job) {
  const std::string& type = job.message.message_type;
  if (job.kind != wa::MediaKind::Document && !job.facts.mimetype.empty()) return job.facts.mimetype;
  const bool is_fitting = !job.declared_type.empty() && job.declared_type.starts_with(class_of(type));
  return is_fitting ? job.declared_type : default_mimetype(type);
}

bool OutboundMedia::is_final(ErrorCode code) {
  return code == ErrorCode::MEDIA_DOWNLOAD_FAILED || code == ErrorCode::MEDIA_TOO_LARGE ||
         code == ErrorCode::MEDIA_TYPE_MISMATCH || code == ErrorCode::MEDIA_UPLOAD_FAILED;
}

const store::MessageMediaRow* OutboundMedia::find(const store::MessageRow& row) {
  if (const auto known = ready_.find(row.sequence); known != ready_.end()) return &known->second;
  auto stored = link_.env.readers.get<std::optional<store::MessageMediaRow>>(
      [&](store::Database& db) { return store::message_media::find(db, row.sequence); });
  if (!stored || !*stored) return nullptr;
  const bool is_there = (*stored)->key_time && link_.now() - *(*stored)->key_time < kUploadLifetime;
  if (!is_there) return nullptr;
  if (ready_.size() >= kReadyMax) ready_.clear();   // what is asked for again is read again
  return &ready_.emplace(row.sequence, std::move(**stored)).first->second;
}

void OutboundMedia::prepare(const store::MessageRow& row, Done done) {
  auto job = std::make_shared<Job>();
  job->message = row;
  job->fields = row.fields.empty() ? Json::object() : Json::parse(row.fields);
  job->kind = wa::media_kind_from(row.message_type).value_or(wa::MediaKind::Document);
  job->filename = job->fields.value("filename", std::string());
  job->done = std::move(done);
  waiting_.push_back(std::move(job));
  begin_next();
}

void OutboundMedia::begin_next() {
  while (under_way_ < kJobsMax && !waiting_.empty()) {
    const JobPtr job = std::move(waiting_.front());
    waiting_.pop_front();
    ++under_way_;
    begin(job);
  }
}

void OutboundMedia::begin(const JobPtr& job) {
  const std::string url = job->fields.value("media_url", std::string());
  if (url.starts_with(kUploadScheme)) return take_upload(job, url.substr(kUploadScheme.size()));
  fetch(job, 1);
}

void OutboundMedia::take_upload(const JobPtr& job, const std::string& id) {
  const auto found = link_.env.readers.get<std::optional<store::UploadRow>>(
      [&](store::Database& db) { return store::uploads::find(db, id); });
  store::MediaFiles& files = link_.env.media.files;
  if (!found || !*found || !files.has((*found)->sha256)) {
    return finish(job, fail(ErrorCode::MEDIA_DOWNLOAD_FAILED, "the upload " + id + " is no longer there"));
  }
  const store::UploadRow& upload = **found;
  if (static_cast<std::uint64_t>(upload.size) > link_.env.media.limits.of(job->message.message_type)) {
    return finish(job, fail(ErrorCode::MEDIA_TOO_LARGE, fmt::format("{} bytes", upload.size)));
  }
  job->plain = files.path_of(upload.sha256);
  job->declared_type = upload.mimetype;
  if (job->filename.empty()) job->filename = upload.filename;
  inspect(job);
}

void OutboundMedia::fetch(const JobPtr& job, int attempt) {
  job->plain = link_.env.media.files.temporary_path();
  job->plain_is_temporary = true;
  net::WebRequest request;
  request.method = "GET";
  request.url = job->fields.value("media_url", std::string());
  request.timeout = kFetchTimeout;
  request.follow_redirects = true;
  request.download_path = job->plain;
  request.download_bytes_max = link_.env.media.limits.of(job->message.message_type);
  request.proxy_url = hosts_.request("GET", "").proxy_url;
  link_.env.media.web.fetch(std::move(request), alive_.guard([this, job, attempt](const auto& response) {
    on_fetched(job, attempt, response);
  }));
}

void OutboundMedia::on_fetched(const JobPtr& job, int attempt, const Result<net::WebResponse>& response) {
  const bool is_there = response && response->status / 100 == 2;
  if (is_there) {
    job->declared_type = without_parameters(response->content_type);
    if (job->filename.empty()) job->filename = last_part(job->fields.value("media_url", std::string()));
    return inspect(job);
  }
  if (!response && response.error().code == ErrorCode::PAYLOAD_TOO_LARGE) {
    return finish(job, fail(ErrorCode::MEDIA_TOO_LARGE, response.error().details));
  }
  const std::string why = response ? fmt::format("HTTP {}", response->status) : response.error().details;
  const bool is_hopeless = response && (response->status == 404 || response->status == 410 || response->status == 403);
  if (attempt >= kFetchesMax || is_hopeless) return finish(job, fail(ErrorCode::MEDIA_DOWNLOAD_FAILED, why));
  log::warn("session", "{}: {}: media not fetched (try {}): {}", link_.session, job->message.id, attempt, why);
  retries_[job->message.sequence] =
      link_.env.loop.after(kFetchAgain * attempt, alive_.guard([this, job, attempt] { fetch(job, attempt + 1); }));
}

void OutboundMedia::inspect(const JobPtr& job) {
  if (job->kind == wa::MediaKind::Document) return encrypt(job);   // sent as it is, whatever it is
  link_.env.media.inspector.inspect(job->plain, alive_.guard([this, job](const Result<media_probe::MediaFacts>& facts) {
    if (facts) {
      job->facts = *facts;
    } else {
      log::warn("session", "{}: {}: nothing read from the media: {}", link_.session, job->message.id,
                facts.error().text());
    }
    const std::string wanted = class_of(job->message.message_type);
    const std::string& seen = job->facts.mimetype;
    // An ogg or mp4 file may hold sound alone, and names itself after either.
    const bool is_container = seen.ends_with("/ogg") || seen.ends_with("/mp4") || seen.ends_with("/webm");
    if (!seen.empty() && !seen.starts_with(wanted) && !is_container) {
      return finish(job, fail(ErrorCode::MEDIA_TYPE_MISMATCH,
                              fmt::format("the file is {}, the message {}", seen, job->message.message_type)));
    }
    encrypt(job);
  }));
}

void OutboundMedia::encrypt(const JobPtr& job) {
  job->encrypted = link_.env.media.files.temporary_path();
  const Bytes key = link_.env.random.bytes(32);
  const auto sealed = std::make_shared<Result<wa::EncryptedFile>>();
  link_.env.media.worker.run(
      [job, key, sealed, &files = link_.env.media.files] {
        *sealed = wa::encrypt_file(job->plain, job->encrypted, job->kind, key);
        if (!*sealed || !job->plain_is_temporary) return;
        if (auto kept = files.adopt(job->plain, (*sealed)->sha256); !kept) *sealed = fail(kept.error());
        else job->plain_is_temporary = false;
      },
      alive_.guard([this, job, sealed] {
        if (!*sealed) return finish(job, fail(sealed->error()));
        job->sealed = **sealed;
        upload(job);
      }));
}

void OutboundMedia::upload(const JobPtr& job) {
  hosts_.get(alive_.guard([this, job](const Result<MediaHosts::Hosts>& hosts) {
    if (!hosts) return finish(job, fail(hosts.error()));
    if (hosts->upload.empty()) return finish(job, fail(ErrorCode::NETWORK, "WhatsApp named no host for uploads"));
    upload_to(job, *hosts, 0);
  }));
}

void OutboundMedia::upload_to(const JobPtr& job, const MediaHosts::Hosts& hosts, std::size_t which) {
  net::WebRequest request =
      hosts_.request("POST", wa::upload_url(hosts.upload[which], job->kind, job->sealed.enc_sha256, hosts.auth));
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  request.upload_path = job->encrypted;
  link_.env.media.cdn.fetch(std::move(request), alive_.guard([this, job, hosts, which](const auto& response) {
    on_uploaded(job, hosts, which, response);
  }));
}

void OutboundMedia::on_uploaded(const JobPtr& job, const MediaHosts::Hosts& hosts, std::size_t which,
                                const Result<net::WebResponse>& response) {
  if (response && response->status == 200) {
    const auto uploaded = wa::parse_upload_answer(response->body);
    if (!uploaded) return finish(job, fail(ErrorCode::MEDIA_UPLOAD_FAILED, uploaded.error().details));
    job->row.url = uploaded->url;
    job->row.direct_path = uploaded->direct_path;
    return keep(job);
  }
  const bool is_auth = response && (response->status == 401 || response->status == 403);
  if (is_auth && !std::exchange(job->has_renewed_auth, true)) {
    hosts_.forget();
    return upload(job);
  }
  const std::string why = response ? fmt::format("HTTP {}", response->status) : response.error().details;
  if (response && response->status == 413) return finish(job, fail(ErrorCode::MEDIA_TOO_LARGE, why));
  if (which + 1 < hosts.upload.size()) return upload_to(job, hosts, which + 1);
  // A refusal will not change; what is overloaded or not reached may.
  const bool is_refused = response && response->status / 100 == 4 && response->status != 429 && !is_auth;
  finish(job, fail(is_refused ? ErrorCode::MEDIA_UPLOAD_FAILED : ErrorCode::NETWORK, why));
}

void OutboundMedia::keep(const JobPtr& job) {
  store::MessageMediaRow& row = job->row;
  const media_probe::MediaFacts& facts = job->facts;
  row.message = job->message.sequence;
  row.session = link_.session;
  row.state = store::MediaState::STORED;
  row.kind = to_string(job->kind);
  row.mimetype = mimetype_of(*job);
  const bool is_voice = job->kind == wa::MediaKind::Audio && job->fields.value("voice", facts.is_opus);
  if (facts.is_opus) row.mimetype = kOpus;
  row.filename = job->kind == wa::MediaKind::Document && job->filename.empty() ? "file" : job->filename;
  row.media_key = job->sealed.media_key;
  row.sha256 = job->sealed.sha256;
  row.enc_sha256 = job->sealed.enc_sha256;
  row.length = static_cast<std::int64_t>(job->sealed.length);
  row.key_time = row.stored_at = link_.now();
  Json about = Json::object();
  if (facts.width > 0) about["width"] = facts.width;
  if (facts.height > 0) about["height"] = facts.height;
  if (facts.seconds > 0) about["seconds"] = facts.seconds;
  if (is_voice) about["voice"] = true;
  row.facts = about.dump();
  row.thumbnail = facts.thumbnail;
  if (is_voice) row.waveform = facts.waveform;

  store::WriteBatch batch;
  batch.run([row](store::Database& db) { store::message_media::put_uploaded(db, row); });
  link_.commit(std::move(batch), alive_.guard([this, job] {
    ready_[job->message.sequence] = job->row;
    finish(job, {});
  }));
}

void OutboundMedia::finish(const JobPtr& job, Result<> result) {
  --under_way_;
  retries_.erase(job->message.sequence);
  const Done done = std::move(job->done);
  begin_next();
  done(std::move(result));
}

}  // namespace konekwa::session
