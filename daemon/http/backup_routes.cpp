// Backups.
#include "daemon/http/api.h"

namespace konekwa::http {
namespace {

class BackupSource final : public BodySource {
 public:
  explicit BackupSource(std::shared_ptr<BackupReader> reader) : reader_(std::move(reader)) {}
  void next(Deliver deliver) override { reader_->read(std::move(deliver)); }

 private:
  const std::shared_ptr<BackupReader> reader_;
};

Response archive(std::shared_ptr<BackupReader> reader) {
  Response response;
  response.content_type = "application/x-tar";
  response.headers = {{"Cache-Control", "no-store"},
                      {"Content-Disposition", "attachment; filename=\"konekwa-backup.tar\""}};
  response.length = reader->size();
  response.source = std::make_shared<BackupSource>(std::move(reader));
  return response;
}

// With what is in it anybody is the phone's linked device, for ever: no API key is enough for that.
void take(Gateway& gateway, const Call& call) {
  if (!call.request.peer.is_unix_socket) {
    return call.respond(to_response(Error(ErrorCode::FORBIDDEN, "a backup holds the keys of every session",
                                          "take it on the machine itself, over the Unix socket")));
  }
  gateway.begin_backup(call.caller, call.request.target.query,
                       [respond = call.respond](Result<std::shared_ptr<BackupReader>> reader) {
                         respond(reader ? archive(std::move(*reader)) : to_response(reader.error()));
                       });
}

}  // namespace

Routes backup_routes(Gateway& gateway) {
  return {{"GET", "/v1/backup", "admin", [&gateway](Call call) { take(gateway, call); }}};
}

}  // namespace konekwa::http
