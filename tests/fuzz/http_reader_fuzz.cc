// SPDX-License-Identifier: Apache-2.0
//
// Whatever arrives at the control API, before anybody knows who sent it: however the bytes are cut the same
// requests come out, what they take is bounded by the bytes received, each ends where Boost.Beast's parser
// says it ends, and nothing is read whose end two readers could disagree on.
//
// Input: a byte that says how long a body may be and one that says how the rest is cut, then what a
// connection sends.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "admin/http_message.h"
#include "admin/http_reader.h"
#include "fuzz/require.h"

namespace {

std::size_t allocations = 0;
std::size_t allocated_bytes = 0;

void* allocate(std::size_t bytes) {
  ++allocations;
  allocated_bytes += bytes;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// Not inlined, for GCC would then warn of each free() for what it thinks the library's operator new made.
// Those that do not throw are the fuzzer's own, and not counted.
[[gnu::noinline]] void* operator new(std::size_t bytes) { return allocate(bytes); }
[[gnu::noinline]] void* operator new[](std::size_t bytes) { return allocate(bytes); }
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return std::malloc(bytes);
}
[[gnu::noinline]] void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return std::malloc(bytes);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace amb {
namespace {

namespace http = boost::beast::http;
using test::require;

constexpr std::size_t kHeadBytes = 1024;
// What a connection takes in its whole life, all allocations added up: its buffer once, and so much for each
// byte.
constexpr std::size_t kBytesOfAConnection = 16 * 1024;
constexpr std::size_t kBytesPerByte = 24;
constexpr std::size_t kAllocationsOfAConnection = 16;
constexpr std::size_t kBytesPerAllocation = 4;

struct Read {
  std::string method, target, authority, body;
  std::vector<std::pair<std::string, std::string>> fields;
  bool is_chunked = false;
  std::size_t begin = 0, end = 0;  ///< Where it stood in what was sent.
  friend bool operator==(const Read&, const Read&) = default;
};

struct Connection {
  std::vector<Read> requests;
  unsigned status = 0;  ///< Of the fault that it ended with.
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// One of them, fed byte by byte or in pieces; counts what the reader alone allocates.
class Feeding {
 public:
  Feeding(std::string_view bytes, std::size_t step, std::size_t most)
      : all_(bytes), left_(bytes), step_(step), most_(most) {}

  Connection run() {
    while (read_one()) require(result_.requests.back().end <= all_.size(), "nothing comes from nowhere");
    return std::move(result_);
  }

 private:
  /// Runs one step of the reader, on its account.
  template <class Step>
  auto counted(Step step) {
    const std::size_t bytes = allocated_bytes, count = allocations;
    auto outcome = step();
    taken_bytes_ += allocated_bytes - bytes;
    taken_ += allocations - count;
    return outcome;
  }

  template <class Step>
  bool complete(Step step) {
    while (true) {
      const auto is_read = counted(step);
      if (!is_read) return fail(is_read.error());
      if (*is_read) return true;
      if (left_.empty()) return false;
      const auto room = counted([this] { return reader_.room(); });
      const std::size_t count = std::min({room.size(), step_, left_.size()});
      std::ranges::copy(left_.substr(0, count), room.begin());
      counted([&] { return reader_.received(count), 0; });
      left_.remove_prefix(count);
      received_ += count;
      check_account();
    }
  }

  bool fail(const HttpFault& fault) {
    constexpr unsigned kStatuses[] = {400, 413, 431, 501};
    require(std::ranges::count(kStatuses, fault.status) == 1, "a fault has a status that says what it is");
    require(!fault.what.empty(), "and words");
    result_.status = fault.status;
    return false;
  }

  void check_account() const {
    require(taken_bytes_ <= kBytesOfAConnection + received_ * kBytesPerByte,
            "memory is bounded by the bytes received", std::to_string(taken_bytes_));
    require(taken_ <= kAllocationsOfAConnection + received_ / kBytesPerAllocation,
            "so is how often it is taken", std::to_string(taken_));
  }

  bool read_one() {
    Read one;
    one.begin = consumed();
    if (!complete([this] { return reader_.read_head(); })) return false;
    const HttpHead& head = reader_.head();
    one.method = head.method;
    one.target = head.target;
    one.authority = head.authority;
    one.is_chunked = head.is_chunked;
    for (const auto& [name, value] : head.fields) one.fields.emplace_back(name, value);
    const auto length = head.length;
    if (const auto fault = counted([this] { return reader_.begin_body(most_); })) return fail(*fault);
    if (!complete([this] { return reader_.read_body(); })) return false;
    one.body = reader_.take_body();
    one.end = consumed();
    require(one.body.size() <= most_, "a body is as long as it may be");
    require(!length || one.body.size() == *length, "and as long as it said");
    result_.requests.push_back(std::move(one));
    return true;
  }

  /// What is no more in the reader.
  std::size_t consumed() const { return all_.size() - left_.size() - reader_.unread_bytes(); }

  std::string_view all_, left_;
  std::size_t step_, most_;
  std::size_t received_ = 0, taken_bytes_ = 0, taken_ = 0;
  HttpReader reader_{kHeadBytes};
  Connection result_;
};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::size_t count(const Read& request, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(
      request.fields, [name](const auto& field) { return lower(field.first) == name; }));
}

/// RFC 9112, 6.3, said of the bytes and not of the reader's own words.
void require_one_framing(const Read& request, std::string_view text) {
  const std::size_t codings = count(request, "transfer-encoding"), lengths = count(request, "content-length");
  require(codings + lengths <= 1, "one field at most says where a request ends");
  require(request.is_chunked == (codings == 1), "a transfer coding is not passed over");
  for (const auto& [name, value] : request.fields) {
    if (lower(name) == "transfer-encoding")
      require(lower(value) == "chunked", "the one coding that is known");
    if (lower(name) == "content-length")
      require(!value.empty() && value.find_first_not_of("0123456789") == std::string::npos, "digits");
    require((name + value).find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a field is one line");
  }
  require(count(request, "host") <= 1, "one Host");
  const auto head = text.substr(0, text.find("\r\n\r\n") + 2);
  for (std::size_t i = 0; i < head.size(); ++i)
    require((head[i] == '\n') == (i > 0 && head[i - 1] == '\r'),
            "CR and LF are the ends of lines and nothing else");
  require(codings + lengths == 1 || request.body.empty(), "no body without a field that says so");
}

/// Whether Beast's parser may refuse what ours takes: it wants lists in Connection and the like, and
/// extensions and trailers, to be well-formed. Neither says where a request ends.
bool is_beast_strict(const Read& request) {
  return request.is_chunked || count(request, "connection") + count(request, "proxy-connection") > 0 ||
         count(request, "upgrade") > 0;
}

/// Beast's parser takes the same bytes for the same request.
void require_agreement(const Read& request, std::string_view text) {
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  require_one_framing(request, text);
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.header_limit(64 * 1024);
  boost::system::error_code error;
  std::size_t used = 0;
  while (!error && !parser.is_done() && used < text.size())
    used += parser.put(boost::asio::const_buffer(text.data() + used, text.size() - used), error);
  if (error && is_beast_strict(request)) return;
  require(!error && parser.is_done(), "Beast reads it too", error.message());
  require(used == text.size(), "and it ends in the same place");
  const auto& other = parser.get();
  require(other.method_string() == request.method, "by the same method");
  require(other.body() == request.body, "with the same body");
  require(std::string_view(other.target().data(), other.target().size()).ends_with(request.target),
          "the same target");
  const auto fields = std::distance(other.begin(), other.end());
  require(request.is_chunked || static_cast<std::size_t>(fields) == request.fields.size(),
          "and the same fields");
}

void check_target(const Read& request) {
  HttpRequest parts;
  if (!read_target(request.target, parts)) return;
  require(parts.path.size() <= 16 && parts.query.size() <= 16, "a target has few parts");
  std::size_t bytes = 0;
  for (const auto& part : parts.path) bytes += part.size();
  for (const auto& [name, value] : parts.query) bytes += name.size() + value.size();
  require(bytes <= request.target.size(), "which are no longer than it");
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  if (size < 2) return 0;
  const std::string_view bytes = test::as_text(data + 2, size - 2);
  const std::size_t most = std::size_t{16} * data[0], step = data[1] + std::size_t{1};
  const Connection cut = Feeding(bytes, step, most).run();
  require(cut == Feeding(bytes, HttpReader::kReadBytes, most).run(), "the same however it was cut");
  std::size_t at = 0;
  for (const Read& request : cut.requests) {
    require(request.begin == at && request.end > at, "one request begins where the other ends");
    at = request.end;
    require_agreement(request, bytes.substr(request.begin, request.end - request.begin));
    check_target(request);
  }
  return 0;
}
