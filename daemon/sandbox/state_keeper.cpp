#include "daemon/sandbox/state_keeper.h"

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "common/log.h"
#include "daemon/sandbox/network.h"
#include "daemon/sandbox/state_json.h"

namespace konekwa::sandbox {
namespace {

constexpr Duration kSaveDelay = milliseconds(100);
constexpr int kSaveShare = 20;  // saving takes at most one part in so many of the time

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::NOT_FOUND, path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

std::string StateKeeper::path() const { return network_.options.state_dir + "/sandbox.json"; }

void StateKeeper::load() {
  if (network_.options.state_dir.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(network_.options.state_dir, ignored);
  const auto text = read_file(path());
  if (!text) return save();
  const auto loaded = restore_state(network_, *text);
  if (loaded) return;
  log::error("sandbox", "{}: {}; it is set aside as sandbox.json.broken", path(), loaded.error().text());
  std::filesystem::rename(path(), path() + ".broken", ignored);
}

void StateKeeper::touched() {
  if (network_.options.state_dir.empty() || pending_.is_pending()) return;
  pending_ = network_.loop.after(std::max(kSaveDelay, last_save_took_ * kSaveShare), [this] { save(); });
}

void StateKeeper::save() {
  pending_.reset();
  if (network_.options.state_dir.empty()) return;
  const Time begun = network_.now();
  const std::string fresh = path() + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << describe_state(network_);
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(fresh, path(), failed);
  if (!out || failed) log::error("sandbox", "cannot write {}", path());
  last_save_took_ = network_.now() - begun;
}

}  // namespace konekwa::sandbox
