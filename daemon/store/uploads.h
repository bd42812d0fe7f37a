// The table of uploads: files that clients gave us, to be sent by their id. The content is in MediaFiles.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.h"

namespace konekwa::store {

struct UploadRow {
  std::string id;                       // "med_..."
  std::string tenant;
  Bytes sha256;
  std::int64_t size = 0;                // octets
  std::string mimetype;                 // as the client says, or ""
  std::string filename;                 // as the client says, or ""
  Time created_at{};
  Time expires_at{};
};

namespace uploads {

void insert(Database& db, const UploadRow& row);
std::optional<UploadRow> find(Database& db, const std::string& id);
// The same content under the same name and type, uploaded by this tenant before.
std::optional<UploadRow> find_same(Database& db, const UploadRow& row);
// It is kept until then, or longer when it was to be kept longer.
void keep_until(Database& db, const std::string& id, Time expires_at);
bool erase(Database& db, const std::string& id);

// The longest expired first, and takes them out of the table.
std::vector<UploadRow> take_expired(Database& db, Time now, int limit);
bool uses_file(Database& db, ByteView sha256);

}  // namespace uploads
}  // namespace konekwa::store
