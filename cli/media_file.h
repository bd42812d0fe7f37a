// Files of this machine on their way to konekwad.
#pragma once

#include <string>

#include "cli/command.h"

namespace konekwa::cli {

bool is_url(const std::string& text);               // http, https, or of an upload; otherwise the name of a file
std::string base_name(const std::string& path);     // without its folders
std::string mimetype_of(const std::string& path);   // by the ending of its name; "" when that is not known

// Uploads a file under its own name and type, unless others are given.
api::Outcome<api::Response> upload_file(Context& context, const std::string& path, std::string filename = {},
                                        std::string mimetype = {});

// Writes a file from pieces: nothing is at `path` until all of it is. "-" is stdout.
class FileWriter {
 public:
  FileWriter(Context& context, std::string path);
  ~FileWriter();                                    // without finish() nothing is left
  bool write(std::string_view piece);
  api::Outcome<> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace konekwa::cli
