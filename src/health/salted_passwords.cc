// SPDX-License-Identifier: Apache-2.0
#include "health/salted_passwords.h"

#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

#include "health/saslprep.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// What the thread has worked so far; waiting for a processor is no work.
nanoseconds thread_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

struct HashedTurn {
  Pbkdf2 work;
  nanoseconds took;
};

/// Whose fault it is that the key is not there in time: the server's where it would have been late with the
/// thread to itself, else ours.
Verdict too_late(std::uint32_t all, std::uint32_t done, nanoseconds took, milliseconds allowed) {
  const auto needed =
      done == 0 ? milliseconds(0) : std::chrono::duration_cast<milliseconds>(took * (double(all) / done));
  if (needed <= allowed) return undecided("too many passwords are hashed at once");
  return not_well("its " + std::to_string(all) + " SCRAM iterations take about " +
                  std::to_string(needed.count()) + " ms, more than the check's time");
}

}  // namespace

asio::awaitable<std::expected<std::string, Verdict>> KeyDerivation::derive(Pbkdf2 work,
                                                                           const Conversation& talk) {
  const std::uint32_t all = work.left() + 1;  // the first is done already
  const auto allowed = std::chrono::duration_cast<milliseconds>(talk.deadline() - Background::Clock::now());
  nanoseconds took{0};
  const User user(*this);
  try {
    if (!background_) background_.emplace(io_);
  } catch (const std::system_error& error) {
    co_return std::unexpected(undecided(std::string("no thread to hash the password: ") + error.what()));
  }
  while (work.left() > 0) {
    auto take_turn = [next = work](const Cancelled&) mutable {
      const nanoseconds before = thread_time();
      next.advance(kIterationsInATurn);
      return HashedTurn{std::move(next), thread_time() - before};
    };
    auto turn = co_await background_->run(std::move(take_turn), talk.deadline());
    if (!turn || !talk.is_open()) co_return std::unexpected(too_late(all, all - work.left(), took, allowed));
    work = std::move(turn->work);
    took += turn->took;
  }
  co_return work.key();
}

asio::awaitable<std::expected<std::string, Verdict>> SaltedPasswords::salt(std::string password,
                                                                           ScramSalt salt,
                                                                           const Conversation& talk) {
  if (!key_.empty() && password == password_ && salt == salt_) co_return key_;
  auto key = co_await derivation_.derive(Pbkdf2(saslprep(password), salt.salt, salt.iterations), talk);
  if (!key) co_return key;
  password_ = std::move(password);
  salt_ = std::move(salt);
  key_ = *key;
  co_return key;
}

}  // namespace amb
