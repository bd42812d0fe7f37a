// The command that says what is wrong, when something is.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/diagnosis.h"
#include "cli/print.h"

namespace konekwa::cli {
namespace {

api::Outcome<> run(Context& context) {
  Json rows = Json::array();
  Table table({"CHECK", "RESULT", "WHAT"}, Table::Last::Wrapped);
  std::vector<std::string> failed;
  for (const Finding& finding : diagnose(context)) {
    rows.push_back({{"check", finding.check}, {"result", finding.result}, {"details", finding.details}});
    table.add({finding.check, finding.result, printable(finding.details)});
    if (finding.result == kFailed) failed.push_back(finding.check);
  }
  const Json body{{"checks", std::move(rows)}, {"ok", failed.empty()}};
  context.output.answer({0, body.dump(-1, ' ', false, Json::error_handler_t::replace), body}, failed,
                        table.text(context.columns()));
  if (failed.empty()) return {};
  const std::string names = fmt::format("{}", fmt::join(failed, ", "));
  return api::failed("CHECKS_FAILED",
                     failed.size() == 1 ? fmt::format("1 check failed: {}", names)
                                        : fmt::format("{} checks failed: {}", failed.size(), names));
}

}  // namespace

Commands doctor_commands() {
  return {{"", "doctor", "Find out why it does not work", "konekwa doctor",
           [](CLI::App&) -> Run { return run; }, true}};
}

}  // namespace konekwa::cli
