// SPDX-License-Identifier: Apache-2.0
//
// The errnos are those of the manual pages, but for the ones that mean a bug of ours (EBADF, EFAULT,
// ENOTSOCK, EINVAL of most calls), and with those that a seccomp filter, a security module or a BPF program
// can give (EPERM, EACCES, ENOSYS).
//
// Not in the table: operator new, see out_of_memory_test.cc.
#include "faults/fault_table.h"

#include <algorithm>
#include <cerrno>

namespace amb::test {

namespace {

using enum Effect;
using enum Harm;

const std::vector<Span> kForOnceOrFive{kOnce, kFiveTimes};
const std::vector<Span> kForOnceOrLonger{kOnce, kForAWhile};
const std::vector<Span> kForOnceOrEver{kOnce, kAlways};
const std::vector<Span> kNowAndThen{kOnce, kEverySecond};
const std::vector<Span> kForOnceOrMany{kOnce, kManyTimes};

// What a peer or the network does to a connection.
const std::vector<int> kLost{ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH};
const std::vector<int> kNotHere{EINVAL, ENOSYS, EPERM, EACCES, EOPNOTSUPP};

std::vector<int> operator+(std::vector<int> some, const std::vector<int>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

/// What every call that moves bytes can do without harm.
std::vector<Row> harmless_moves(Call call) {
  return {
      {call, fails, {EINTR}, kNowAndThen, none},
      {call, blocks, {EAGAIN}, kNowAndThen, none},
      {call, one_byte, {0}, kForOnceOrMany, none},
      {call, half, {0}, kForOnceOrEver, none},
  };
}

std::vector<Row> accepting_and_connecting() {
  return {
      {Call::accept4, fails, {EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM, EACCES}, kForOnceOrLonger, none},
      {Call::accept4, fails, {EINTR}, kNowAndThen, none},
      {Call::accept4, blocks, {EAGAIN}, kForOnceOrFive, none},
      {Call::accept4,
       loses,
       {ECONNABORTED, EPROTO, ENOPROTOOPT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET, EOPNOTSUPP,
        ETIMEDOUT},
       kForOnceOrEver,
       breaks},
      {Call::socket,
       fails,
       {EMFILE, ENFILE, ENOBUFS, ENOMEM, EACCES, EPERM, EAFNOSUPPORT},
       kForOnceOrEver,
       breaks},
      {Call::connect,
       fails,
       {ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EADDRINUSE, EAGAIN, ENOBUFS,
        EACCES, EPERM},
       kForOnceOrEver,
       breaks},
      {Call::connect, fails_but_acts, {EINTR}, kForOnceOrEver, none},
      {Call::getpeername, fails, {ENOTCONN, ENOBUFS, EPERM}, kForOnceOrEver, none},
      {Call::getsockname, fails, {ENOBUFS, EPERM}, kForOnceOrEver, none},
      {Call::setsockopt, fails, {ENOPROTOOPT, ENOBUFS, ENOMEM, EPERM}, kForOnceOrEver, none},
  };
}

std::vector<Row> moving() {
  return {
      {Call::recv, fails, kLost + std::vector{ENOMEM}, kForOnceOrEver, breaks},
      {Call::send, fails, kLost + std::vector{EPIPE, ENOBUFS, ENOMEM, EACCES}, kForOnceOrEver, breaks},
      {Call::splice_in, fails, kNotHere, kForOnceOrEver, none},
      {Call::splice_in, fails, kLost + std::vector{ENOMEM}, kForOnceOrEver, breaks},
      {Call::splice_out, fails, kNotHere, kForOnceOrEver, none},
      {Call::splice_out, fails, kLost + std::vector{EPIPE, ENOBUFS, ENOMEM}, kForOnceOrEver, breaks},
      {Call::pipe2, fails, {EMFILE, ENFILE, EPERM}, kForOnceOrEver, none},
      {Call::fcntl_set_size, fails, {EPERM, EBUSY, ENOMEM, EINVAL}, kForOnceOrEver, none},
      {Call::fcntl_get_size, fails, {EINVAL, EPERM}, kForOnceOrEver, none},
      {Call::read, fails, {EINTR}, kNowAndThen, none},
      {Call::read, one_byte, {0}, kForOnceOrMany, none},
      {Call::read, half, {0}, kForOnceOrEver, none},
  };
}

std::vector<Row> ending() {
  return {
      {Call::shutdown, fails, {ENOTCONN, EPERM}, kForOnceOrEver, breaks},
      {Call::setsockopt_linger, fails, {EINVAL, ENOPROTOOPT, EPERM}, kForOnceOrEver, breaks},
      {Call::getsockopt_error, fails, {ENOBUFS, ENOPROTOOPT, EPERM}, kForOnceOrEver, breaks},
      {Call::getsockopt_info, fails, {ENOPROTOOPT, EPERM}, kForOnceOrEver, none},
      {Call::ioctl, fails, {ENOTTY, EINVAL, EPERM}, kForOnceOrEver, breaks},
      {Call::close, fails_but_acts, {EINTR, EIO, ENOSPC}, kForOnceOrEver, none},
  };
}

std::vector<Row> waiting() {
  return {
      {Call::epoll_ctl, fails, {ENOMEM, ENOSPC, EPERM}, kForOnceOrLonger, breaks},
      {Call::epoll_wait, fails, {EINTR}, kNowAndThen, none},
      {Call::epoll_wait, no_event, {0}, kNowAndThen, none},
      {Call::epoll_wait, one_event, {0}, kForOnceOrEver, none},
      {Call::epoll_wait, all_events, {0}, kForOnceOrMany, none},
      {Call::eventfd_read, fails, {EAGAIN}, kNowAndThen, none},
      {Call::eventfd_write, is_full, {EAGAIN}, kForOnceOrEver, none},
  };
}

std::vector<Row> make_table() {
  std::vector<Row> table = accepting_and_connecting();
  for (const auto& rows :
       {moving(), harmless_moves(Call::recv), harmless_moves(Call::send), harmless_moves(Call::splice_in),
        harmless_moves(Call::splice_out), ending(), waiting()}) {
    table.insert(table.end(), rows.begin(), rows.end());
  }
  return table;
}

}  // namespace

const std::vector<Row>& fault_table() {
  static const std::vector<Row> table = make_table();
  return table;
}

std::vector<Row> rows_of(Call call) {
  std::vector<Row> rows;
  std::ranges::copy_if(fault_table(), std::back_inserter(rows),
                       [&](const Row& row) { return row.call == call; });
  return rows;
}

bool needs_splicing(Call call) {
  switch (call) {
    case Call::splice_in:
    case Call::splice_out:
    case Call::pipe2:
    case Call::fcntl_set_size:
    case Call::fcntl_get_size:
    case Call::read:
      return true;
    default:
      return false;
  }
}

}  // namespace amb::test
