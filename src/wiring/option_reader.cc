// SPDX-License-Identifier: Apache-2.0
#include "wiring/option_reader.h"

#include <algorithm>
#include <boost/url/parse_query.hpp>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

/// RFC 3986 wants brackets and percent signs encoded in a query; people write listen=tcp://[::1]:6379 and
/// health_jitter=20%.
std::string encode_leniently(std::string_view query) {
  std::string result;
  for (std::size_t i = 0; i < query.size(); ++i) {
    const char c = query[i];
    const bool ends_a_number =
        c == '%' && i > 0 && is_digit(query[i - 1]) && (i + 1 == query.size() || query[i + 1] == '&');
    if (c == '[') {
      result += "%5B";
    } else if (c == ']') {
      result += "%5D";
    } else {
      result += c;
      if (ends_a_number) result += "25";
    }
  }
  return result;
}

/// A separator that is none ("a=1;health_password=x") makes a password part of another option's value.
Complaint without_secrets(Complaint complaint, std::string_view text) {
  if (mask_secrets(text) != text) complaint.what = "what is said for it holds a password, and is not shown";
  return complaint;
}

}  // namespace

void OptionReader::read_query(std::string_view query, const Origin& origin, Complaints& complaints) {
  const std::string encoded = encode_leniently(query);
  const auto parsed = boost::urls::parse_query(encoded);
  if (!parsed) {
    complaints.push_back({"the options '" + escape_text(mask_secrets(query)) + "' are not a URL query",
                          "name=value&name=value, other characters as %XX"});
    return;
  }
  bool is_behind_secret = false;  // a password may go on behind a '&'
  for (const auto& parameter : *parsed) {
    const std::string name = parameter.key.decode();
    if (is_behind_secret && find_option(name) == nullptr) {
      complaints.push_back({"what stands behind the '&' after a password is no option, and is not shown",
                            "name=value&name=value; a '&' within a password as %26"});
      continue;
    }
    is_behind_secret = is_behind_secret || is_secret_name(name);
    read(name, parameter.value.decode(), origin, complaints);
  }
}

void OptionReader::read(std::string_view name, std::string_view text, const Origin& origin,
                        Complaints& complaints) {
  const Option* option = find_option(name);
  if (option == nullptr)
    return complaints.is_full() ? complaints.leave_out(1) : complaints.push_back(unknown_option(name));
  const LinkOptions before = values_.options;
  const auto outcome = option->read(text, link_port_, values_);
  if (!outcome) {
    unreadable_.emplace(name);
    Complaint complaint = without_secrets(outcome.error(), text);
    complaint.what = "option " + std::string(name) + ": " + complaint.what;
    return complaints.push_back(std::move(complaint));
  }
  const auto earlier = std::ranges::find(values_.given, name, &GivenOption::name);
  if (earlier == values_.given.end()) return values_.given.push_back({std::string(name), origin});
  if (option->repeatable || before == values_.options) return;
  const LinkOptions now = std::exchange(values_.options, before);
  complain_of_two(*earlier, origin, now, complaints);
}

void OptionReader::complain_of_two(const GivenOption& earlier, const Origin& origin, const LinkOptions& now,
                                   Complaints& complaints) const {
  const Option* option = find_option(earlier.name);
  const std::string first = option->show(values_.options);
  const std::string second = option->show(now);
  std::string what = "option " + earlier.name + " is given as " + first;
  if (earlier.origin.name != origin.name) what += " by " + escape_text(to_string(earlier.origin));
  what += first == second ? " and as another one" : " and as " + second;
  complaints.push_back({std::move(what), "one value; it holds for all targets of the link"});
}

OptionValues OptionReader::finish(std::span<const Target> targets, std::vector<OptionComplaint>& complaints) {
  const auto could_be_read = [this](std::string_view name) { return !unreadable_.contains(name); };
  if (could_be_read("unavailable")) imply_options(values_);
  if (could_be_read("health") && could_be_read("unavailable")) {
    for (auto& found : check_together(values_, targets)) {
      const bool is_absence = found.option == "health" && !could_be_read("health_expect");
      if (!is_absence) complaints.push_back(std::move(found));
    }
  }
  if (could_be_read("listen")) {
    std::vector<SocketAddress> listen = elsewhere_;
    listen.insert(listen.end(), values_.listen.begin(), values_.listen.end());
    std::ranges::move(check_socket_file(values_, listen), std::back_inserter(complaints));
  }
  std::ranges::sort(values_.given, {}, [](const GivenOption& given) { return find_option(given.name); });
  return std::move(values_);
}

}  // namespace amb
