// SPDX-License-Identifier: Apache-2.0
//
// The story of the program: read the command line, find the wiring, refuse it with every reason at once or
// run.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <variant>

#include "app/cli.h"
#include "app/client_commands.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "app/input.h"
#include "app/run.h"
#include "wiring/settings.h"
#include "wiring/wiring.h"

namespace {

/// A program started with a standard stream closed would get its number for the next socket, and a log line
/// would be sent to a consumer.
void open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0)
      (void)::open("/dev/null", O_RDWR);  // takes the lowest free number: this one
  }
}

int dispatch(const amb::CommandLine& line) {
  using namespace amb;
  if (line.command == CommandLine::Command::version) return version(line);
  if (is_client_command(line.command)) return run_client_command(line);

  const WiringInput input = read_input(line);
  Findings findings = find_wiring(input);
  const Settings settings = read_settings(input.environment, findings.problems);
  if (line.command == CommandLine::Command::check) return check(line, input, findings);
  if (!findings.problems.empty()) return report_problems(settings, findings);
  return run(line, settings, findings);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  try {
    const auto parsed = amb::parse_command_line(argc, argv);
    if (const auto* end = std::get_if<amb::ExitNow>(&parsed)) {
      std::fputs(end->to_stdout.c_str(), stdout);
      std::fputs(end->to_stderr.c_str(), stderr);
      return end->code;
    }
    return dispatch(std::get<amb::CommandLine>(parsed));
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "ambassador: internal error: %s\n", bug.what());
    return amb::kExitBug;
  }
}
