// SPDX-License-Identifier: Apache-2.0
//
// The commands that go on until they are interrupted, or the program that they follow ends.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "app/answer_text.h"
#include "app/client_commands.h"
#include "app/exit_code.h"
#include "app/json_fields.h"
#include "app/status_text.h"
#include "app/terminal.h"
#include "base/text.h"
#include "base/unix_time.h"

namespace amb {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kFrame{1000};

/// A second screen without a cursor; the first one is as it was, whatever ends the command.
class Canvas {
 public:
  explicit Canvas(bool is_terminal) : is_terminal_(is_terminal) {
    if (is_terminal_) print("\x1b[?1049h\x1b[?25l");
  }
  ~Canvas() {
    if (is_terminal_) print("\x1b[?25h\x1b[?1049l");
  }
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  /// Over the picture before, without wiping it first: that would flicker. Elsewhere one picture follows the
  /// other.
  bool draw(const std::string& text, std::size_t rows) {
    if (!is_terminal_) return print(text + "\n");
    std::string picture = "\x1b[H";
    auto lines = split(text, '\n');
    lines.pop_back();  // what follows the last line end
    const std::size_t shown = lines.size() <= rows ? lines.size() : std::max<std::size_t>(rows, 1) - 1;
    for (std::size_t i = 0; i < shown; ++i)
      picture += std::string(lines[i]) + "\x1b[K" + (i + 1 < lines.size() ? "\r\n" : "");
    if (shown < lines.size()) picture += "and " + std::to_string(lines.size() - shown) + " lines more\x1b[K";
    return print(picture + "\x1b[J");
  }

 private:
  bool is_terminal_;
};

/// What is pressed meanwhile ends the asking: the end, or only another size.
Result<Reply> ask_again(const Client& client, Keys& keys, Keys::Heard& heard) {
  for (;;) {
    Result<Reply> reply = client.ask("GET", "/v1/status");
    if (reply) return reply;
    heard = keys.wait(milliseconds(0));
    if (heard != Keys::Heard::resized) return reply;
  }
}

}  // namespace

int watch_status(const ControlSearch& search) {
  Keys keys(Keys::Size::heard);
  const Client client(search, keys.fd());
  Result<Reply> reply = client.ask("GET", "/v1/status");
  if (const auto failed = tell_failure(reply)) return *failed;
  Keys::Heard heard = Keys::Heard::nothing;
  {
    Canvas canvas(screen().is_terminal);
    StatusBefore before;  // none: there is no rate yet
    auto asked = Clock::now();
    while (heard != Keys::Heard::stop && reply && reply->is_fine()) {
      const Screen size = screen();
      auto status = parse_answer(reply->body);
      if (!canvas.draw(status_text(status, &before, size, unix_time_ms()), size.rows)) return kExitOk;
      heard = keys.wait(kFrame);
      if (heard != Keys::Heard::nothing) continue;  // the end, or the same again at its new size
      const auto now = Clock::now();
      before = {std::move(status), std::chrono::duration_cast<milliseconds>(now - asked)};
      asked = now;
      reply = ask_again(client, keys, heard);
    }
  }
  return heard == Keys::Heard::stop ? kExitOk : tell_failure(reply).value_or(kExitOk);
}

int follow_events(const ControlSearch& search, bool json) {
  Keys keys(Keys::Size::ignored);
  const Screen size = screen();
  const bool as_text = size.is_terminal && !json;
  const auto take = [&](std::string_view line) {
    constexpr std::string_view kData = "data: ";
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with(kData)) return true;
    line.remove_prefix(kData.size());
    if (!as_text) return print(escape_json(line) + "\n");
    const auto event = parse_answer(line);
    const std::uint64_t lost = number_field(event, "lost");
    return print((lost == 0 ? event_text(event, size.colour)
                            : "(" + std::to_string(lost) + " lines were lost: this terminal is too slow)") +
                 "\n");
  };
  const auto reply = Client(search, keys.fd()).follow("/v1/events", take);
  return tell_failure(reply).value_or(kExitOk);
}

}  // namespace amb
