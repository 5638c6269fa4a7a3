// SPDX-License-Identifier: Apache-2.0
//
// What a descriptor of the fake kernel stands for, and the epoll set that watches it. As in Linux, epoll
// keeps a list of files that something happened to. Waiting asks each what it looks like *now* and reports
// that, so an edge for new data tells of room and of a hang-up too, and an edge that has become untrue is not
// reported.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

namespace amb::sim {

class Kernel;
class EpollSet;

class File {
 public:
  explicit File(Kernel& kernel) : kernel_(kernel) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// EPOLL* bits as they are now. Asking is an act: a stream that has no room owes an edge from then on.
  virtual std::uint32_t poll() = 0;
  /// Its descriptor was closed.
  virtual void on_close() = 0;
  /// epoll_wait() has told our program `bits`.
  virtual void on_told(std::uint32_t bits) { (void)bits; }

  /// Something happened. `key` holds the bits that it is about, 0 stands for all.
  void wake(std::uint32_t key = 0);
  bool is_watched() const { return watch_.set != nullptr; }
  /// An edge is on its way to our program.
  bool is_ready() const { return watch_.is_ready; }

 protected:
  Kernel& kernel_;

 private:
  friend class EpollSet;
  struct Watch {
    EpollSet* set = nullptr;
    std::uint32_t interest = 0;
    epoll_data_t data{};
    bool is_ready = false;
  };
  Watch watch_;
};

class EpollSet final : public File {
 public:
  using File::File;
  std::uint32_t poll() override { return 0; }
  void on_close() override {}

  /// As epoll_ctl(2); 0 or an errno.
  int add(File& file, const epoll_event& event);
  int modify(File& file, const epoll_event& event);
  int remove(File& file);

  /// Would collect() find anything?
  bool has_ready();
  int collect(epoll_event* events, int most);

 private:
  friend class File;
  void make_ready(File& file);
  void forget_ready(File& file);
  static std::uint32_t bits(File& file);

  std::vector<File*> ready_;  ///< In the order in which it happened.
};

}  // namespace amb::sim
