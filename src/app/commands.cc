// SPDX-License-Identifier: Apache-2.0
#include "app/commands.h"

#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "app/answer_text.h"
#include "app/client_commands.h"
#include "app/exit_code.h"
#include "app/terminal.h"
#include "app/version.h"
#include "base/log.h"
#include "base/text.h"
#include "net/pipe.h"
#include "wiring/report.h"

namespace amb {

namespace {

/// "+ web", "~ redis", "- old" of what runs, or why it would turn the file down.
std::string preview_text(const boost::json::value& preview) {
  constexpr auto kHead = "\nthe ambassador that runs here ";
  if (preview.as_object().contains("error"))
    return std::string(kHead) + "would turn this file down:\n" + error_text(preview);
  const std::string plan = plan_text(preview, screen());
  return kHead + (plan.empty() ? std::string("would not change\n") : "would change so:\n" + plan);
}

/// The key "preview" is there when somebody is there to compare with.
std::string with_preview(const std::string& report, const std::optional<boost::json::value>& preview) {
  if (!preview) return report;
  boost::json::value whole = boost::json::parse(report);
  whole.as_object()["preview"] = *preview;
  return escape_json(boost::json::serialize(whole)) + "\n";
}

}  // namespace

int check(const CommandLine& line, const WiringInput& input, const Findings& findings) {
  const Detail detail = line.all ? Detail::all_options : Detail::changed_options;
  const bool is_comparable = line.compare && input.config && input.config->error.empty();
  const auto preview = is_comparable ? ask_for_preview(line, *input.config) : std::nullopt;
  if (line.json) {
    print(with_preview(report_json(findings), preview));
  } else {
    print(report_text(findings, screen().colour, detail) +
          (preview ? preview_text(*preview) : std::string()));
  }
  return findings.problems.empty() ? kExitOk : kExitUsage;
}

int version(const CommandLine& line) {
  std::vector<std::string_view> paths{"copy"};
  if (is_splice_allowed()) paths.push_back("splice");
  if (line.json) {
    const boost::json::object object{{"version", kVersion},
                                     {"commit", kCommit},
                                     {"data_paths", boost::json::array(paths.begin(), paths.end())}};
    print(boost::json::serialize(object) + "\n");
  } else {
    print(std::string("ambassador ") + kVersion + " (commit " + kCommit +
          ")\ndata paths: " + join_words(paths) + "\n");
  }
  return kExitOk;
}

int report_problems(const Settings& settings, const Findings& findings) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  if (settings.log_format.value_or(is_terminal ? LogFormat::text : LogFormat::json) == LogFormat::json) {
    Log log(LogFormat::json, LogLevel::info);
    for (const Problem& problem : listed(findings.problems)) {
      log.error("wiring_problem", {{"from", to_string(problem.origin)},
                                   {"value", problem.value},
                                   {"problem", problem.what},
                                   {"accepted", problem.accepted}});
    }
    return kExitUsage;
  }
  std::string text;
  for (const Problem& problem : listed(findings.problems)) {
    text += "ambassador: " + escape_text(to_string(problem.origin)) + ": " + problem.what + "\n";
    if (!problem.value.empty()) text += "  found:    " + escape_text(problem.value) + "\n";
    text += "  accepted: " + problem.accepted + "\n";
  }
  text += "Nothing was opened. `ambassador check` explains every candidate.\n";
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  return kExitUsage;
}

}  // namespace amb
