#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/media_file.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

constexpr IdArgument kMediaArgument = {"id", "Id of the upload", "MEDIA"};

struct UploadOptions {
  std::string path, filename, type;
};

std::string media_target(const std::string& id) { return "/v1/media/" + api::encode_segment(id); }

api::Outcome<> answer_media(Context& context, const api::Outcome<api::Response>& response) {
  if (!response) return api::failed(response.error());
  const Json& shown = response->body;
  std::vector<std::pair<std::string, std::string>> fields;
  for (const char* key : {"id", "media_url", "size", "mimetype", "filename", "sha256", "created_at", "expires_at"}) {
    fields.emplace_back(key, field(shown, key));
  }
  context.output.answer(*response, {field(shown, "id")}, field_list(fields));
  return {};
}

api::Outcome<> upload(Context& context, const UploadOptions& options) {
  return answer_media(context, upload_file(context, options.path, options.filename, options.type));
}

api::Outcome<> show(Context& context, const std::string& id) {
  return answer_media(context, context.client.get(media_target(id)));
}

api::Outcome<> erase(Context& context, const std::string& id) {
  return answer_done(context, context.client.request("DELETE", media_target(id)), id);
}

Run declare_upload(CLI::App& app) {
  auto options = std::make_shared<UploadOptions>();
  app.add_option("file", options->path, "The file")->required()->type_name(kFileValue);
  app.add_option("--filename", options->filename, "Another name than its own")->type_name("NAME");
  app.add_option("--type", options->type, "What it is, such as image/jpeg (default: by its name)")->type_name("MIME");
  return [options](Context& context) { return upload(context, *options); };
}

}  // namespace

Commands media_commands() {
  return {
      {"media", "upload", "Give konekwad a file, to be sent by its media_url", "konekwa media upload struk.jpg",
       declare_upload},
      {"media", "show", "Show what is known of an upload", "konekwa media show med_01j9z3m8t4",
       with_id(kMediaArgument, show)},
      {"media", "delete", "Delete an upload", "konekwa media delete med_01j9z3m8t4 --yes",
       with_id_confirmed(kMediaArgument, "this deletes the file", erase)},
  };
}

}  // namespace konekwa::cli
