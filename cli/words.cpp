#include "cli/words.h"

#include "cli/connect.h"
#include "cli/hint.h"

namespace konekwa::cli {
namespace {

constexpr Words kEnglish = {"error", "hint", "request"};
constexpr Words kIndonesian = {"galat", "petunjuk", "permintaan"};

// The hints of hint.cpp.
struct Entry {
  std::string_view code;
  const char* hint;
};

constexpr Entry kIndonesianHints[] = {
    {"UNAUTHORIZED", "isi KONEKWA_API_KEY, atau pakai Unix socket di mesin konekwad"},
    {"INVALID_API_KEY", "konekwa tokens create membuat key; KONEKWA_API_KEY atau --api-key mengirimkannya"},
    {"API_KEY_EXPIRED", "buat yang baru: konekwa tokens create --name NAME"},
    {"API_KEY_REVOKED", "buat yang baru: konekwa tokens create --name NAME"},
    {"FORBIDDEN", "konekwa tokens list menampilkan scope setiap key"},
    {"SESSION_NOT_FOUND", "konekwa sessions list menampilkan semua sesi"},
    {"MESSAGE_NOT_FOUND", "konekwa messages list menampilkan pesan"},
    {"MEDIA_NOT_READY", "coba lagi beberapa detik kemudian"},
    {"TEMPLATE_NOT_FOUND", "konekwa templates list menampilkan semua template"},
    {"GROUP_NOT_FOUND", "konekwa groups list --session SESSION menampilkan grupnya"},
    {"WEBHOOK_NOT_FOUND", "konekwa webhooks failed menampilkan yang dapat dikirim lagi"},
    {"TOKEN_NOT_FOUND", "konekwa tokens list menampilkan semua token"},
    {"TENANT_NOT_FOUND", "konekwa tenants list menampilkan semua tenant"},
    {"TENANT_SUSPENDED", "administrator mengaktifkannya lagi dengan konekwa tenants update TENANT --resume"},
    {"INVALID_RECIPIENT", "tulis nomor dengan kode negara, misalnya 6281234567890"},
    {"MISSING_PLACEHOLDER", "beri nilai setiap placeholder template dengan --set KEY=VALUE"},
    {"MESSAGE_ALREADY_SENT", "konekwa messages delete MESSAGE menghapusnya untuk semua orang"},
    {"SESSION_NOT_ACTIVE",
     "ponsel melepas tautannya: konekwa sessions reset SESSION --yes, lalu pindai kode QR-nya"},
    {"SESSION_ALREADY_PAIRED",
     "konekwa sessions connect membuatnya online; konekwa sessions reset melepas tautannya dahulu"},
    {"IDEMPOTENCY_KEY_REUSED", "pakai satu key untuk satu pesan, dan teks yang sama saat mengulang"},
    {"RATE_LIMIT_EXCEEDED", "tunggu sebentar lalu coba lagi"},
    {"STORAGE_UNAVAILABLE", "periksa disk konekwad: penuh, hanya-baca atau rusak"},
};

}  // namespace

const Words& words_in(Language language) { return language == Language::Indonesian ? kIndonesian : kEnglish; }

api::Failure told_in(Language language, api::Failure failure) {
  if (language == Language::English) return failure;
  const std::string code(failure.code.empty() ? to_string(failure.error.code) : std::string_view(failure.code));
  const bool has_usual_hint = !failure.hint.empty() && failure.hint == hint_for(failure);
  if (const auto message = in_indonesian(code, failure.error.message)) failure.error.message = *message;
  for (const Entry& entry : kIndonesianHints) {
    if (has_usual_hint && entry.code == code) failure.hint = entry.hint;
  }
  return failure;
}

Language language_of_environment() {
  for (const std::string& name : {environment("LC_ALL"), environment("LC_MESSAGES"), environment("LANG")}) {
    if (!name.empty()) return language_of_locale(name);
  }
  return Language::English;
}

}  // namespace konekwa::cli
