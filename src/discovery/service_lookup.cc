// SPDX-License-Identifier: Apache-2.0
#include "discovery/service_lookup.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <memory>
#include <utility>

#include "discovery/resolver_channel.h"

namespace amb {

namespace {

class ServiceLookup final : public ResolverChannel {
 public:
  ServiceLookup(boost::asio::io_context& io, OnAnswer<ServiceRecord> on_answer)
      : ResolverChannel(io), on_answer_(std::move(on_answer)) {}
  ~ServiceLookup() override { close(); }

  void start(const std::string& name) {
    if (const int status = open(SearchList::used); status != ARES_SUCCESS)
      return tell({.error = ::ares_strerror(status)});
    ::ares_search(
        channel(), name.c_str(), ns_c_in, ns_t_srv,
        [](void* self, int status, int, unsigned char* message, int size) {
          auto* lookup = static_cast<ServiceLookup*>(self);
          if (!lookup->is_closed()) lookup->on_result(status, message, size);
        },
        this);
    wait();
  }

 private:
  void on_result(int status, const unsigned char* message, int size) {
    if (status == ARES_SUCCESS) {
      ServiceAnswer answer = parse_srv_answer({message, static_cast<std::size_t>(size)});
      answer.ttl = cap_ttl(answer.ttl);
      return tell(std::move(answer));
    }
    const bool is_answer = status == ARES_ENOTFOUND || status == ARES_ENODATA;
    using Kind = ServiceAnswer::Kind;
    tell({.kind = is_answer ? Kind::none : Kind::failed, .error = ::ares_strerror(status)});
  }

  void tell(ServiceAnswer answer) {
    finish([this, answer = std::move(answer)]() mutable { on_answer_(std::move(answer)); });
  }

  OnAnswer<ServiceRecord> on_answer_;
};

}  // namespace

void look_up_service(boost::asio::io_context& io, const std::string& name,
                     OnAnswer<ServiceRecord> on_answer) {
  std::make_shared<ServiceLookup>(io, std::move(on_answer))->start(name);
}

}  // namespace amb
