// SPDX-License-Identifier: Apache-2.0
//
// The story of the program: read the command line, find the wiring, refuse it with every reason at once or
// run.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <variant>

#include "admin/admin_server.h"
#include "app/cli.h"
#include "app/client_commands.h"
#include "app/commands.h"
#include "app/control_loops.h"
#include "app/exit_code.h"
#include "app/input.h"
#include "app/run.h"
#include "app/terminal.h"
#include "base/thread.h"
#include "wiring/settings.h"
#include "wiring/wiring.h"

namespace {

// What the compiler was told, for whoever has only the file: readelf -p .ambassador ambassador.
#ifdef __PIE__
#define AMB_PIE "pie "
#else
#define AMB_PIE ""
#endif
#ifdef __SSP_STRONG__
#define AMB_STACK "stack-protector-strong "
#else
#define AMB_STACK ""
#endif
#if defined(_FORTIFY_SOURCE) && _FORTIFY_SOURCE >= 2
#define AMB_FORTIFIED "fortify-source "
#else
#define AMB_FORTIFIED ""
#endif
#if defined(__CET__) || defined(__ARM_FEATURE_BTI_DEFAULT)
#define AMB_FLOW "control-flow-protection "
#else
#define AMB_FLOW ""
#endif
[[gnu::used, gnu::retain, gnu::section(".ambassador")]] const char kHardening[] =
    "hardening: " AMB_PIE AMB_STACK AMB_FORTIFIED AMB_FLOW;

/// A program started with a standard stream closed would get its number for the next socket, and a log line
/// would be sent to a consumer. What is written to a closed standard output is lost, and the exit code says
/// so. Where there is no /dev can be written nothing else either; the root is always there.
bool open_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int mode = fd == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    // Each takes the lowest free number: this one.
    if (::open("/dev/null", mode) < 0 && ::open("/", O_RDONLY | O_DIRECTORY) < 0) return false;
  }
  return true;
}

/// What whoever started us may have left: blocked signals, and limits that would end us by a signal.
void free_from_inheritance() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&set, signal);
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
  (void)::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow fails the write
  amb::mend_refused_clone3();
}

int dispatch(const amb::CommandLine& line) {
  using namespace amb;
  if (line.command == CommandLine::Command::version) return version(line);
  if (is_client_command(line.command)) return run_client_command(line);

  const WiringInput input = read_input(line);
  Findings findings = find_wiring(input);
  const Settings settings = read_settings(input.environment, findings.problems);
  const auto loops = find_control_loops(findings.links, planned_addresses(admin_settings(settings)));
  for (const Problem& loop : loops) findings.problems.push_back(loop);
  findings.problems.leave_out(loops.left_out());
  if (line.command == CommandLine::Command::check) return check(line, input, findings);
  if (!findings.problems.empty()) return report_problems(settings, findings);
  return run(line, settings, findings);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace amb;
  if (!open_standard_streams()) return kExitSystem;  // there is nowhere to say it
  free_from_inheritance();
  try {
    const auto parsed = parse_command_line(argc, argv);
    if (const auto* end = std::get_if<ExitNow>(&parsed)) {
      std::fputs(end->to_stderr.c_str(), stderr);
      return print(end->to_stdout) ? end->code : kExitOutput;
    }
    const int code = dispatch(std::get<CommandLine>(parsed));
    return has_lost_output() ? kExitOutput : code;
  } catch (const std::system_error& refused) {
    complain(refused.what());
    return kExitSystem;
  } catch (const boost::system::system_error& refused) {
    complain(refused.what());
    return kExitSystem;
  } catch (const std::exception& bug) {
    complain(std::string("internal error: ") + bug.what());
    return kExitBug;
  }
}
