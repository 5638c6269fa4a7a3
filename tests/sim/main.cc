// SPDX-License-Identifier: Apache-2.0
//
// sim_tests [--seed N] [--schedules K] [--trace] [--part I --of N]
//
// Runs schedules on the fake kernel, one seed after the other. The first that breaks ends the program with
// the sentence of what broke and the command that shows it again. After a whole part, every class of things
// that can happen must have happened.
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string_view>

#include "sim/fake_kernel/byte_stream.h"
#include "sim/schedule.h"

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace amb::sim {
namespace {

constexpr std::uint64_t kSchedules = 200'000;
constexpr unsigned kSecondsPerSchedule = 60;

struct Arguments {
  std::uint64_t seed = 0;
  std::uint64_t schedules = 0;
  std::uint64_t part = 0;
  std::uint64_t parts = 1;
  bool has_seed = false;
  bool traces = false;
};

std::uint64_t current_seed = 0;

void on_death() { print_replay(current_seed, "the program died, see above"); }

void on_signal(int number) {
  print_replay(current_seed, number == SIGALRM ? "the program hangs in one turn" : "a broken invariant");
  std::_Exit(1);
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  std::fprintf(stderr, "not a number: %.*s\n", static_cast<int>(text.size()), text.data());
  std::exit(64);
}

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--trace") {
      arguments.traces = true;
      continue;
    }
    const std::string_view value = i + 1 < count ? words[++i] : "";
    if (word == "--seed") {
      arguments.seed = number(value);
      arguments.has_seed = true;
    } else if (word == "--schedules") {
      arguments.schedules = number(value);
    } else if (word == "--part") {
      arguments.part = number(value);
    } else if (word == "--of") {
      arguments.parts = number(value);
    } else {
      std::fprintf(stderr, "usage: %s [--seed N] [--schedules K] [--trace] [--part I --of N]\n", words[0]);
      std::exit(64);
    }
  }
  return arguments;
}

/// Where this part begins: at 0, so that runs can be repeated, unless AMB_SIM_BASE says otherwise.
std::uint64_t base() {
  const char* wanted = std::getenv("AMB_SIM_BASE");
  if (wanted == nullptr) return 0;
  if (std::string_view(wanted) == "random") return std::random_device{}();
  return number(wanted);
}

std::uint64_t schedules_of_all_parts() {
  const char* wanted = std::getenv("AMB_SIM_SCHEDULES");
  return wanted == nullptr ? kSchedules : number(wanted);
}

int run(const Arguments& arguments) {
  std::uint64_t first = arguments.seed;
  std::uint64_t count = arguments.has_seed ? 1 : schedules_of_all_parts() / arguments.parts;
  if (!arguments.has_seed) first = base() + arguments.part * count;
  if (arguments.schedules != 0) count = arguments.schedules;
  std::byte warmed{};
  ByteStream().copy(0, {&warmed, 1});

  Coverage coverage;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < count; ++i) {
    current_seed = first + i;
    alarm(kSecondsPerSchedule);
    Schedule(current_seed, arguments.traces, coverage).run();
  }
  alarm(0);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::printf("%" PRIu64 " schedules from seed %" PRIu64 " in %.1f s held\n", count, first, taken.count());
  if (arguments.has_seed) return 0;
  const int never = coverage.print();
  if (never > 0) std::printf("%d of these never happened, so nothing is known about them\n", never);
  return never > 0 ? 1 : 0;
}

}  // namespace
}  // namespace amb::sim

int main(int count, char** words) {
  using namespace amb::sim;
  set_replay_command(words[0]);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(on_death);
  (void)signal(SIGABRT, on_signal);
  (void)signal(SIGALRM, on_signal);
  return run(parse(count, words));
}
