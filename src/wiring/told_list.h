// SPDX-License-Identifier: Apache-2.0
//
// What is told to people, up to a bound: the first hundred mistakes are listed, the others are counted. Text
// from outside decides how many there are, so neither memory nor the log may grow with them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace amb {

/// Of one run: a start, a `check`, a reload, a rewire.
inline constexpr std::size_t kMostTold = 100;

template <class T>
class ToldList {
 public:
  ToldList() = default;
  explicit ToldList(std::size_t most) : most_(most) {}
  ToldList(std::initializer_list<T> items) : items_(items) {}

  void push_back(T item) {
    if (is_full()) {
      ++left_out_;
    } else {
      items_.push_back(std::move(item));
    }
  }
  void leave_out(std::size_t count) { left_out_ += count; }

  /// Whatever comes now is only counted: nobody need find words for it.
  bool is_full() const { return items_.size() >= most_; }
  std::size_t room() const { return most_ - items_.size(); }
  std::size_t left_out() const { return left_out_; }
  std::size_t total() const { return items_.size() + left_out_; }
  bool empty() const { return total() == 0; }

  /// Those that are listed.
  std::size_t size() const { return items_.size(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  const T& front() const { return items_.front(); }
  const T& back() const { return items_.back(); }
  T& operator[](std::size_t place) { return items_[place]; }
  const T& operator[](std::size_t place) const { return items_[place]; }

 private:
  std::size_t most_ = kMostTold;
  std::vector<T> items_;
  std::size_t left_out_ = 0;
};

}  // namespace amb
