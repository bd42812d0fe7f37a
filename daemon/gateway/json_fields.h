// The fields of a JSON request body, read by name and type. The first thing that is wrong is kept, and asked for at the
// end: a reader is a list of fields, without an if after each. Fields that nobody read are reported as warnings.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/json.h"

namespace konekwa {

class JsonFields {
 public:
  explicit JsonFields(const std::string& body);       // an empty body is an empty object
  JsonFields(JsonFields&& other) noexcept;
  ~JsonFields();

  std::string required_text(const std::string& name);
  std::optional<std::string> text(const std::string& name);                      // absent or null: nothing
  std::optional<bool> flag(const std::string& name);
  std::optional<double> number(const std::string& name);
  // An object of texts; numbers and booleans in it count as their JSON text. Null members are left out.
  std::optional<std::map<std::string, std::string>> text_map(const std::string& name);
  std::optional<std::vector<std::string>> texts(const std::string& name);        // an array of strings
  std::optional<JsonFields> nested(const std::string& name);                     // an object; has errors of its own
  bool has(const std::string& name) const;                                       // present, and not null
  bool is_present(const std::string& name);                                      // present, null too; counts as read
  // Unless something was wrong before. `problem` goes on behind "Field 'name'", or with ": " is a sentence of its own.
  // `message` stands in for the text of the code, where that says something else.
  void refuse(const std::string& name, ErrorCode code, std::string problem, std::string message = {});
  void require(bool is_given, const std::string& name);                          // refuses what is missing
  void require_any(std::initializer_list<const char*> names);                    // at least one is present

  void warn(std::string problem) { warnings_.push_back(std::move(problem)); }

  const std::optional<Error>& error() const { return error_; }
  // For the header X-Konekwa-Warnings; nothing when every field was read and nobody warned.
  std::vector<std::pair<std::string, std::string>> warning_headers() const;

 private:
  JsonFields(const Json& object, std::string path);   // `path` names the object in errors
  const Json* find(const std::string& name);
  std::string path_of(const std::string& name) const { return path_.empty() ? name : path_ + "." + name; }

  std::unique_ptr<Json> object_;
  std::string path_;
  std::optional<Error> error_;
  std::vector<std::string> read_;
  std::vector<std::string> warnings_;
};

}  // namespace konekwa
