// The names inside a backup, for the two that make and take it apart.
#pragma once

namespace konekwa::store::backup_layout {

inline constexpr int kFormat = 1;
inline constexpr const char* kManifest = "konekwa-backup.json";
inline constexpr const char* kDatabase = "konekwa.db";
inline constexpr const char* kSums = "SHA256SUMS";
inline constexpr const char* kFolder = "backup.tmp";      // of the data directory, while one is taken
inline constexpr const char* kRestoring = "restore.tmp";  // while one is restored

}  // namespace konekwa::store::backup_layout
