#include "common/json.h"

#include <set>

#include <nlohmann/json.hpp>

namespace konekwa {
namespace {

// Walks the text once before any tree is built: nlohmann's tree parser has no depth limit.
class Gate {
 public:
  std::string problem;

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool start_object(std::size_t) {
    keys_.emplace_back();
    return enter();
  }
  bool end_object() {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) { return enter(); }
  bool end_array() {
    --depth_;
    return true;
  }
  bool key(std::string& name) {
    if (keys_.back().insert(name).second) return true;
    problem = "the key '" + name + "' is there twice";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    problem = "at byte " + std::to_string(position);
    return false;
  }

 private:
  bool enter() {
    if (++depth_ <= kJsonDepthMax) return true;
    problem = "nested deeper than " + std::to_string(kJsonDepthMax);
    return false;
  }
  std::size_t depth_ = 0;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  Gate gate;
  if (!Json::sax_parse(text, &gate)) return fail(ErrorCode::INVALID_JSON, gate.problem);
  return Json::parse(text, nullptr, false);
}

}  // namespace konekwa
