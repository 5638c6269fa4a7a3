// SPDX-License-Identifier: Apache-2.0
//
// DNS messages (RFC 1035, section 4), put together byte by byte: also those that no name server would send.
#pragma once

#include <arpa/inet.h>
#include <arpa/nameser.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace amb::test {

inline std::string number16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}
inline std::string number32(std::uint32_t value) { return number16(value >> 16) + number16(value & 0xffff); }

/// "a.example" as length, "a", length, "example", 0; "" is the root.
inline std::string wire_name(std::string_view name) {
  std::string wire;
  for (const auto label : name.empty() ? std::vector<std::string_view>() : split(name, '.')) {
    wire += static_cast<char>(label.size());
    wire += label;
  }
  return wire + '\0';
}

struct Question {
  std::string id;    ///< Two bytes.
  std::string name;  ///< Lower case.
  unsigned type = 0;
  bool is_tcp = false;

  std::string wire() const { return wire_name(name) + number16(type) + number16(ns_c_in); }

  static Question read(std::string_view message, bool is_tcp) {
    Question question{.id = std::string(message.substr(0, 2)), .name = {}, .is_tcp = is_tcp};
    std::size_t at = 12;
    while (at < message.size() && message[at] != 0) {
      const auto size = static_cast<std::size_t>(message[at]);
      question.name += (question.name.empty() ? "" : ".") + to_lower(message.substr(at + 1, size));
      at += size + 1;
    }
    question.type = static_cast<unsigned char>(message.at(at + 2));
    return question;
  }
};

/// An answer that is put together record by record.
class Reply {
 public:
  explicit Reply(const Question& question, unsigned rcode = ns_r_noerror)
      : id_(question.id), rcode_(rcode), question_(question.wire()) {}

  Reply& a(const std::string& address, std::uint32_t ttl = 60) { return ip(AF_INET, ns_t_a, address, ttl); }
  Reply& aaaa(const std::string& address, std::uint32_t ttl = 60) {
    return ip(AF_INET6, ns_t_aaaa, address, ttl);
  }
  Reply& cname(const std::string& name, std::uint32_t ttl = 60) {
    return record(ns_t_cname, ttl, wire_name(name));
  }
  Reply& srv(unsigned priority, unsigned weight, unsigned port, const std::string& host,
             std::uint32_t ttl = 60) {
    return record(ns_t_srv, ttl, number16(priority) + number16(weight) + number16(port) + wire_name(host));
  }
  /// Of the name that was asked for, by a pointer to it.
  Reply& record(unsigned type, std::uint32_t ttl, const std::string& data) {
    return raw("\xc0\x0c" + number16(type) + number16(ns_c_in) + number32(ttl) +
               number16(static_cast<unsigned>(data.size())) + data);
  }
  Reply& raw(const std::string& record) {
    ++answers_;
    records_ += record;
    return *this;
  }
  Reply& truncated() {
    flags_ |= 0x0200;
    return *this;
  }
  Reply& with_id(const std::string& id) {
    id_ = id;
    return *this;
  }
  Reply& to_question(const Question& question) {
    question_ = question.wire();
    return *this;
  }

  std::string bytes() const {
    return id_ + number16(flags_ | rcode_) + number16(1) + number16(answers_) + number32(0) + question_ +
           records_;
  }

 private:
  Reply& ip(int family, unsigned type, const std::string& text, std::uint32_t ttl) {
    std::array<char, 16> address{};
    ::inet_pton(family, text.c_str(), address.data());
    return record(type, ttl, {address.data(), family == AF_INET ? 4U : 16U});
  }

  std::string id_;
  unsigned flags_ = 0x8180, rcode_, answers_ = 0;
  std::string question_, records_;
};

}  // namespace amb::test
