// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target over files, so that what fuzzing found is checked again by any compiler:
//
//   replay_variables FILE_OR_DIRECTORY...
//
// Each file has a process of its own: one that crashes or hangs is named, and the others still run.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fuzz/require.h"

namespace {

namespace fs = std::filesystem;

constexpr unsigned kLimitSeconds = 20;  // far more than any input takes; a hang is a failure like any other

std::vector<fs::path> files_of(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(place)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

[[noreturn]] void run(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot open %s\n", path.c_str());
    std::_Exit(1);
  }
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  ::alarm(kLimitSeconds);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::fflush(nullptr);
  std::_Exit(0);
}

bool passes(const fs::path& path) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) run(path);
  int status = 0;
  if (child > 0 && ::waitpid(child, &status, 0) == child && status == 0) return true;
  const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
  std::fprintf(stderr, "FAILED (%s): %s\n\n", hung ? "hung" : "crashed", path.c_str());
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t ran = 0;
  std::size_t failed = 0;
  for (int i = 1; i < argc; ++i) {
    const auto files = fs::exists(argv[i]) ? files_of(argv[i]) : std::vector<fs::path>();
    if (files.empty()) {
      std::fprintf(stderr, "there is no input at %s\n", argv[i]);
      ++failed;
    }
    for (const auto& file : files) failed += passes(file) ? 0U : 1U;
    ran += files.size();
  }
  std::printf("%zu inputs, %zu failed\n", ran, failed);
  return failed == 0 && ran > 0 ? 0 : 1;
}
