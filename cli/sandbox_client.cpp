#include "cli/sandbox_client.h"

#include <CLI/CLI.hpp>

#include "cli/connect.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

// The admin API of the simulated WhatsApp, where its phones are.
api::Outcome<api::ApiClient::Options> find_sandbox(Context& context, const std::string& given) {
  std::string address = given.empty() ? environment("KONEKWA_SANDBOX_URL") : given;
  if (address.empty()) {
    auto info = context.client.get("/v1/sandbox");
    if (!info) {
      api::Failure failure = info.error();
      const bool has_none = failure.error.code == ErrorCode::NOT_FOUND;
      if (has_none) failure.hint = "start konekwad with --sandbox, or pass --sandbox-url";
      return api::failed(failure);
    }
    address = field(info->body, "admin");
  }
  Result<api::Url> url = api::parse_url(address);
  if (!url) return api::failed(api::Failure(url.error()));
  if (!url->path.ends_with("/admin")) url->path += "/admin";
  api::ApiClient::Options out;
  out.url = std::move(*url);
  out.on_socket = [&clock = context.clock](int socket) { return clock.break_on_interrupt(socket); };
  return out;
}

std::string account(const std::string& number) { return "/accounts/" + api::encode_segment(number); }

}  // namespace

api::Outcome<Sandbox> Sandbox::find(Context& context, const std::string& given) {
  auto target = find_sandbox(context, given);
  if (!target) return api::failed(target.error());
  return Sandbox(std::move(*target));
}

api::Outcome<api::Response> Sandbox::scan(const std::string& qr_text, const std::string& phone) {
  const std::string target = api::with_query("/mock-phone/scan-qr", {{"phone", phone}});
  return client_->request("POST", target, qr_text, {}, "text/plain");
}

api::Outcome<api::Response> Sandbox::create_account(const std::string& name, const std::string& phone) {
  Json body = Json::object();
  if (!name.empty()) body["push_name"] = name;
  if (!phone.empty()) body["phone_number"] = phone;
  return client_->post("/accounts", body);
}

api::Outcome<api::Response> Sandbox::keep_file(const std::string& bytes) {
  return client_->request("POST", "/files", bytes, {}, "application/octet-stream");
}

api::Outcome<api::Response> Sandbox::say(const std::string& from, const Json& saying) {
  return client_->post(account(from) + "/say", saying);
}

api::Outcome<api::Response> Sandbox::read(const std::string& number, const std::string& id) {
  return client_->post(account(number) + "/read", Json{{"id", id}});
}

api::Outcome<api::Response> Sandbox::inbox(const std::string& number) {
  return client_->get(account(number) + "/inbox");
}

api::Outcome<api::Response> Sandbox::media(const std::string& number, const std::string& id) {
  return client_->get(account(number) + "/inbox/" + api::encode_segment(id) + "/media");
}

std::shared_ptr<std::string> add_sandbox_url(CLI::App& app) {
  auto url = std::make_shared<std::string>();
  app.add_option("--sandbox-url", *url, "Its admin URL (default: KONEKWA_SANDBOX_URL, or ask konekwad)")
      ->type_name("URL");
  return url;
}

}  // namespace konekwa::cli
