// What `send` was told, and the request that it makes of it. Files of this machine are uploaded on the way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace konekwa::cli {

struct SendRequest {
  std::string session, to, type, text;
  std::string image, video, audio, document;     // each the name of a file, or a URL
  std::string media_url, caption, filename;
  bool is_voice = false;
  std::string location;                          // "LAT,LON"
  std::optional<double> latitude, longitude;
  std::string name, address;                     // of the place
  std::string vcard;                             // name of a file, or "-"
  std::vector<std::string> contacts;             // names of files
  std::string reply_to;
  std::vector<std::string> mentions;
  bool has_preview = false;                      // of the link in the text
  std::string template_name;
  std::vector<std::string> values;               // "key=value"
  std::string at, expires_in, reference;
  bool is_dry_run = false;                       // files of this machine are named and not uploaded
};

std::string location_problem(const std::string& text);   // for an option check

// The options whose value is "-". One of them can have what comes there.
std::vector<std::string> readers_of_stdin(const SendRequest& request);

// The body of POST /v1/messages. What cannot be right is told before anything is asked of konekwad. The template's
// placeholders, where they may be seen, go to `placeholders`.
api::Outcome<Json> send_body(Context& context, SendRequest request,
                             std::vector<std::string>* placeholders = nullptr);

}  // namespace konekwa::cli
