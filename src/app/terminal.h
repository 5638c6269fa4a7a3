// SPDX-License-Identifier: Apache-2.0
//
// What the program prints on: how wide it is, whether it takes colours, and what its user presses while a
// command goes on.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/style.h"
#include "base/unique_fd.h"

namespace amb {

struct Screen {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool is_terminal = false;
  bool colour = false;  ///< On a terminal, unless NO_COLOR is set.
};

/// Standard output as it is now; 80 columns where it is no terminal.
Screen screen();

/// All of it on standard output. False when nobody reads it any more, or it is full.
bool print(std::string_view text);
/// Whether something could not be printed, for another reason than that whoever followed it has gone.
bool has_lost_output();
/// "ambassador: " and a line, on standard error.
void complain(std::string_view line);

/// INT, TERM and HUP, and that nobody reads what is printed, as something to wait for, so that a command can
/// end as it wants; and WINCH, another size, for those who draw.
class Keys {
 public:
  enum class Heard { nothing, stop, resized };
  enum class Size { ignored, heard };

  explicit Keys(Size size);
  Heard wait(std::chrono::milliseconds time);
  int fd() const { return both_.borrow(); }  ///< Readable when wait() would not wait.

 private:
  UniqueFd signals_;
  UniqueFd both_;  ///< The signals, and standard output.
};

}  // namespace amb
