// The files of a phone's messages: encrypted to the CDN and back, and put there again when a linked device asks.
// What it has decrypted stays in the store, under a key of its own.
#include <filesystem>

#include "common/log.h"
#include "common/sha256.h"
#include "daemon/sandbox/phone.h"

namespace konekwa::sandbox {
namespace {

constexpr std::size_t kMediaKeyBytes = 32;

}  // namespace

std::string Phone::file_key(const std::string& author, const std::string& id) const {
  return fmt::format("phone {} {} {}", account_.number, author, id);
}

Result<> Phone::upload(const Saying& saying, const std::string& id, wa::MediaFile& file) {
  MediaStore& store = network_.media.store();
  const auto encrypted_path = store.new_path();
  const auto plain_path = store.new_path();
  if (!encrypted_path || !plain_path) return fail(ErrorCode::STORAGE_UNAVAILABLE);
  const Bytes key = network_.random.bytes(kMediaKeyBytes);
  const auto encrypted = wa::encrypt_file(saying.file, *encrypted_path, file.kind, key);
  if (!encrypted) return fail(encrypted.error());
  file.media_key = key;
  file.sha256 = encrypted->sha256;
  file.enc_sha256 = encrypted->enc_sha256;
  file.length = encrypted->length;
  file.key_time = network_.now();
  const auto stored = network_.media.keep(std::string(to_string(file.kind)), *encrypted_path, file.enc_sha256);
  file.url = stored.url;
  file.direct_path = stored.direct_path;
  std::error_code failed;
  std::filesystem::create_hard_link(saying.file, *plain_path, failed);
  if (!failed) store.put(file_key(account_.number, id), *plain_path);
  return {};
}

void Phone::fetch(ReceivedMessage& received, const Decrypted& decrypted) {
  const wa::MediaFile& file = decrypted.content.media->file;
  MediaStore& store = network_.media.store();
  const MediaAnswer answer = network_.media.download(file.direct_path);
  const auto plain_path = store.new_path();
  if (!answer.file || !plain_path) {
    received.file_problem = fmt::format("the CDN answered {}", answer.status);
    return;
  }
  const auto opened = wa::decrypt_file(answer.file->path, *plain_path, file);
  if (!opened) {
    received.file_problem = opened.error().text();
    Account* sender = network_.directory.find(decrypted.sender);
    Device* device = sender ? sender->device(decrypted.sender.device) : nullptr;
    if (device) {
      network_.blame({*sender, *device}, "media",
                     fmt::format("the file of {}: {}", received.seen.id, received.file_problem));
    }
    return;
  }
  received.file_sha256 = sha256_of_file(*plain_path).value_or(Bytes());
  store.put(file_key(received.seen.from, received.seen.id), *plain_path);
}

Result<const MediaStore::File*> Phone::file_of(const std::string& message_id) const {
  for (const ReceivedMessage& one : record_.inbox) {
    if (one.seen.id != message_id) continue;
    const MediaStore::File* file = network_.media.store().find(file_key(one.seen.from, message_id));
    if (!file) return fail(ErrorCode::NOT_FOUND, one.file_problem.empty() ? "it has no file" : one.file_problem);
    return file;
  }
  return fail(ErrorCode::MESSAGE_NOT_FOUND);
}

// The CDN has forgotten a file that a device of ours wants: a new address for the same key and hashes.
void Phone::upload_again(const wa::Node& receipt) {
  const auto request = wa::parse_media_retry_receipt(receipt);
  const auto from = receipt.jid("from");
  Device* asker = from ? account_.device(from->device) : nullptr;
  if (!request || !asker || asker->id == 0) return;
  const auto answer = [&](wa::Node notification) {
    notification.set_number("t", unix_seconds(network_.now()));
    network_.deliver(*asker, std::move(notification));
  };
  const auto known = find_message(request->message_id);
  const auto content = known ? wa::parse_content(known->message) : fail(ErrorCode::MESSAGE_NOT_FOUND);
  const wa::MediaFile* media = content && content->media ? &content->media->file : nullptr;
  MediaStore& store = network_.media.store();
  const MediaStore::File* plain = known ? store.find(file_key(known->author->number, request->message_id)) : nullptr;
  if (!media || !plain) {
    return answer(wa::media_retry_refusal(*request, account_.pn_jid(), wa::MediaRetryResult::NotFound));
  }
  const auto inside = wa::open_media_retry_receipt(receipt, media->media_key);
  if (!inside || *inside != request->message_id) {
    network_.blame({account_, *asker}, "media",
                   fmt::format("the media retry of {} cannot be opened", request->message_id));
    return answer(wa::media_retry_refusal(*request, account_.pn_jid(), wa::MediaRetryResult::DecryptionError));
  }
  const auto path = store.new_path();
  const auto encrypted = path ? wa::encrypt_file(plain->path, *path, media->kind, media->media_key)
                              : Result<wa::EncryptedFile>(fail(path.error()));
  if (!encrypted) {
    return answer(wa::media_retry_refusal(*request, account_.pn_jid(), wa::MediaRetryResult::GeneralError));
  }
  const auto stored = network_.media.keep(std::string(to_string(media->kind)), *path, encrypted->enc_sha256);
  answer(wa::media_retry_notification(*request, account_.pn_jid(), wa::MediaRetryResult::Success, stored.direct_path,
                                      media->media_key, network_.random));
}

}  // namespace konekwa::sandbox
