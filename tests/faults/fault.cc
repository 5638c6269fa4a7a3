// SPDX-License-Identifier: Apache-2.0
#include "faults/fault.h"

#include <cstring>
#include <sstream>

namespace amb::test {

namespace {

constexpr std::string_view kCallNames[] = {"accept4",
                                           "socket",
                                           "connect",
                                           "recv",
                                           "send",
                                           "splice_in",
                                           "splice_out",
                                           "pipe2",
                                           "fcntl_set_size",
                                           "fcntl_get_size",
                                           "read",
                                           "shutdown",
                                           "setsockopt",
                                           "setsockopt_linger",
                                           "getsockopt_error",
                                           "getsockopt_info",
                                           "getsockname",
                                           "getpeername",
                                           "ioctl",
                                           "epoll_ctl",
                                           "epoll_wait",
                                           "eventfd_read",
                                           "eventfd_write",
                                           "close"};
static_assert(std::size(kCallNames) == kCalls);

constexpr std::string_view kEffectNames[] = {"fails",     "fails_but_acts", "loses",     "blocks",
                                             "one_byte",  "half",           "is_full",   "no_event",
                                             "one_event", "same_port",      "all_events"};

constexpr Span kSpans[] = {kOnce, kFiveTimes, kManyTimes, kEverySecond, kAlways, kForAWhile};

constexpr int kLargestErrno = 133;

template <class Names>
std::optional<std::size_t> place(const Names& names, std::string_view name) {
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (names[i] == name) return i;
  }
  return std::nullopt;
}

std::string errno_name(int error) { return error == 0 ? "-" : strerrorname_np(error); }

int errno_of(std::string_view name) {
  for (int error = 1; error <= kLargestErrno; ++error) {
    const char* its_name = strerrorname_np(error);
    if (its_name != nullptr && name == its_name) return error;
  }
  return 0;
}

}  // namespace

std::string_view to_string(Call call) { return kCallNames[static_cast<std::size_t>(call)]; }
std::string_view to_string(Effect effect) { return kEffectNames[static_cast<std::size_t>(effect)]; }

std::string Fault::to_string() const {
  std::ostringstream text;
  text << test::to_string(call) << ' ' << nth << ' ' << test::to_string(effect) << ' ' << errno_name(error)
       << ' ' << span.name;
  return text.str();
}

std::optional<Fault> Fault::parse(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string call, effect, error, how_often;
  std::uint64_t nth = 0;
  if (!(words >> call >> nth >> effect >> error >> how_often)) return std::nullopt;
  const auto call_place = place(kCallNames, call);
  const auto effect_place = place(kEffectNames, effect);
  if (!call_place || !effect_place) return std::nullopt;
  for (const Span& span : kSpans) {
    if (span.name != how_often) continue;
    return Fault{static_cast<Call>(*call_place), nth, static_cast<Effect>(*effect_place), errno_of(error),
                 span};
  }
  return std::nullopt;
}

}  // namespace amb::test
