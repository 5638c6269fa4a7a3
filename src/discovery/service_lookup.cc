// SPDX-License-Identifier: Apache-2.0
#include "discovery/service_lookup.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <boost/asio/post.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "discovery/resolver_channel.h"

namespace amb {

namespace {

/// The names that the search list makes of it one after the other, until one of them has servers.
class ServiceLookup final : public ResolverChannel {
 public:
  ServiceLookup(boost::asio::io_context& io, OnAnswer<ServiceRecord> on_answer)
      : ResolverChannel(io), io_(io), on_answer_(std::move(on_answer)) {}
  ~ServiceLookup() override { close(); }

  void start(NameFiles& files, const std::string& name) {
    if (const int status = open(files.next_resolv_conf()); status != ARES_SUCCESS)
      return tell({.error = ::ares_strerror(status)});
    names_ = names_to_ask(name, conf(), SearchList::used);
    ask_next();
  }

 private:
  void ask_next() {
    ::ares_query(
        channel(), names_[asked_++].c_str(), ns_c_in, ns_t_srv,
        [](void* self, int status, int, unsigned char* message, int size) {
          auto* lookup = static_cast<ServiceLookup*>(self);
          if (!lookup->is_closed()) lookup->on_result(status, message, size);
        },
        this);
    wait();
  }

  void on_result(int status, const unsigned char* message, int size) {
    ServiceAnswer answer{.error = ::ares_strerror(status)};
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA) answer.kind = ServiceAnswer::Kind::none;
    if (status == ARES_SUCCESS) answer = parse_srv_answer({message, static_cast<std::size_t>(size)});
    // The last failure is the answer where no name has servers; else the last absence.
    using enum ServiceAnswer::Kind;
    if (answer.kind != none || answer_.kind != failed || asked_ == 1) answer_ = std::move(answer);
    if (answer_.kind == found || asked_ == names_.size()) {
      answer_.ttl = cap_ttl(answer_.ttl);
      return tell(std::move(answer_));
    }
    boost::asio::post(
        io_, [self = std::static_pointer_cast<ServiceLookup>(shared_from_this())] { self->ask_next(); });
  }

  void tell(ServiceAnswer answer) {
    finish([this, answer = std::move(answer)]() mutable { on_answer_(std::move(answer)); });
  }

  boost::asio::io_context& io_;
  OnAnswer<ServiceRecord> on_answer_;
  std::vector<std::string> names_;
  std::size_t asked_ = 0;
  ServiceAnswer answer_;
};

}  // namespace

void look_up_service(boost::asio::io_context& io, NameFiles& files, const std::string& name,
                     OnAnswer<ServiceRecord> on_answer) {
  std::make_shared<ServiceLookup>(io, std::move(on_answer))->start(files, name);
}

}  // namespace amb
