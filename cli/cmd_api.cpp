// The road to routes that have no words of their own, for scripts: what a browser or another program would ask.
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr std::size_t kBodyBytesMax = 1u << 20;   // the API's limit

struct Options {
  std::string target, method, data;
};

// A stream of events has no end, so it is passed on as it comes.
api::Outcome<> get(Context& context, const std::string& target) {
  std::string rest;   // of a character that the next piece completes
  char last = '\n';
  const auto write = [&](std::string_view piece) {
    if (!piece.empty()) last = piece.back();
    rest += piece;
    const std::size_t whole = rest.size() - unfinished_utf8(rest);
    context.output.document(std::string_view(rest).substr(0, whole));
    rest.erase(0, whole);
    return context.output.can_write();
  };
  const auto done = context.client.download(target, write);
  if (!context.output.can_write()) return {};   // which run() tells of
  context.output.document(rest);
  if (last != '\n' && context.columns() > 0) context.output.raw("\n");   // for the prompt that follows
  return done;
}

api::Outcome<> run(Context& context, const Options& options) {
  if (!options.target.starts_with('/')) {
    return api::failed(ErrorCode::INVALID_REQUEST, "a path begins with /", "konekwa api /v1/sessions");
  }
  const std::string method = !options.method.empty() ? options.method : options.data.empty() ? "GET" : "POST";
  if (method == "GET") return get(context, options.target);
  const auto body = text_or_stdin(context, options.data, kBodyBytesMax);
  if (!body) return api::failed(body.error());
  const auto response = context.client.request(method, options.target, *body);
  if (!response) return api::failed(response.error());
  context.output.answer(*response, {field(response->body, "id")}, response->raw + "\n");
  return {};
}

Run declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("path", options->target, "Path and query, such as /v1/sessions")->required()->type_name("PATH");
  app.add_option("-X,--method", options->method, "GET, or POST where there is a body (default)")
      ->type_name("GET|POST|PUT|PATCH|DELETE");
  app.add_option("--data", options->data, "The body, or - to read it from stdin")->type_name("JSON");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Commands api_commands() {
  return {{"", "api", "Make any request of the API and print the answer", "konekwa api /openapi.json", declare}};
}

}  // namespace konekwa::cli
