// The simulated WhatsApp as the commands of `konekwa sandbox` see it: its admin API, wherever that is.
#pragma once

#include <memory>
#include <string>

#include "cli/command.h"
#include "common/api/client.h"

namespace konekwa::cli {

class Sandbox {
 public:
  // `given`: its admin URL; "": KONEKWA_SANDBOX_URL, or what konekwad says.
  static api::Outcome<Sandbox> find(Context& context, const std::string& given);

  api::Outcome<api::Response> scan(const std::string& qr_text, const std::string& phone);
  api::Outcome<api::Response> create_account(const std::string& name, const std::string& phone);
  api::Outcome<api::Response> keep_file(const std::string& bytes);                       // {"file"}: its name
  api::Outcome<api::Response> say(const std::string& from, const Json& saying);
  api::Outcome<api::Response> read(const std::string& number, const std::string& id);
  api::Outcome<api::Response> inbox(const std::string& number);
  api::Outcome<api::Response> media(const std::string& number, const std::string& id);   // the file, in `raw`

 private:
  explicit Sandbox(api::ApiClient::Options target) : client_(std::make_unique<api::ApiClient>(std::move(target))) {}
  std::unique_ptr<api::ApiClient> client_;
};

// What a command with these options does; each has --sandbox-url and finds the sandbox first.
std::shared_ptr<std::string> add_sandbox_url(CLI::App& app);
template <class Options>
Run with_sandbox(CLI::App& app, const std::shared_ptr<Options>& options,
                 api::Outcome<> (*action)(Context&, Sandbox&, const Options&)) {
  const std::shared_ptr<std::string> url = add_sandbox_url(app);
  return [options, url, action](Context& context) -> api::Outcome<> {
    auto sandbox = Sandbox::find(context, *url);
    if (!sandbox) return api::failed(sandbox.error());
    return action(context, *sandbox, *options);
  };
}

}  // namespace konekwa::cli
