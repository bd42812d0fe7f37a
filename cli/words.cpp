#include "cli/words.h"

#include "cli/connect.h"
#include "common/phrases.h"

namespace konekwa::cli {
namespace {

constexpr Words kEnglish = {"error", "hint", "request"};
constexpr Words kIndonesian = {"galat", "petunjuk", "permintaan"};

constexpr Phrase kPhrases[] = {
#define P(english, indonesian) {english, indonesian},
#include "cli/phrases_id.def"
#include "common/phrases_id.def"
// General as they are, these stand behind all others; the last ones are of CLI11.
P("{} of {} messages {*}, {} of them before", "{} dari {} pesan {*}, {} di antaranya sebelum ini")
P("{} of {} messages {*}", "{} dari {} pesan {*}")
P("{} is required", "{} wajib diisi")
P("{} excludes {}", "{} tidak dapat dipakai bersama {}")
P("{} requires {}", "{} membutuhkan {}")
P("--{}: {*}", "--{}: {*}")
#undef P
};

void tell(std::string& text) {
  if (auto told = in_other_words(kPhrases, text)) text = std::move(*told);
}

}  // namespace

const Words& words_in(Language language) { return language == Language::Indonesian ? kIndonesian : kEnglish; }

std::string told_in(Language language, std::string text) {
  if (language == Language::Indonesian) tell(text);
  return text;
}

api::Failure told_in(Language language, api::Failure failure) {
  if (language == Language::English) return failure;
  const std::string code(failure.code.empty() ? to_string(failure.error.code) : std::string_view(failure.code));
  // The text of a code comes first; of phrases our own do, since what is special with us may be general in common.
  auto message = in_indonesian(code, failure.error.message);
  if (message && message != in_indonesian(failure.error.message)) failure.error.message = std::move(*message);
  else tell(failure.error.message);
  tell(failure.error.details);
  tell(failure.hint);
  return failure;
}

Language language_of_environment() {
  for (const std::string& name : {environment("LC_ALL"), environment("LC_MESSAGES"), environment("LANG")}) {
    if (!name.empty()) return language_of_locale(name);
  }
  return Language::English;
}

}  // namespace konekwa::cli
