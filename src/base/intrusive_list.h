// SPDX-License-Identifier: Apache-2.0
//
// A doubly linked list whose links live inside the elements, so that linking and unlinking allocate nothing
// and an element can leave any list in O(1) knowing only itself. The list owns nothing.
#pragma once

namespace amb {

/// Base of an element. A type that is in several lists at once derives from several tags.
template <class Tag>
class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool is_linked() const { return next_ != nullptr; }
  void unlink() {
    if (next_ == nullptr) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

 private:
  template <class T, class ListTag>
  friend class IntrusiveList;
  ListHook* next_ = nullptr;
  ListHook* prev_ = nullptr;
};

template <class T, class Tag>
class IntrusiveList {
 public:
  using Hook = ListHook<Tag>;

  IntrusiveList() { head_.next_ = head_.prev_ = &head_; }
  ~IntrusiveList() {
    while (!is_empty()) head_.next_->unlink();
    head_.next_ = head_.prev_ = nullptr;
  }

  bool is_empty() const { return head_.next_ == &head_; }
  T& front() { return static_cast<T&>(*head_.next_); }

  void push_back(T& element) {
    Hook& hook = element;
    hook.unlink();
    hook.prev_ = head_.prev_;
    hook.next_ = &head_;
    head_.prev_->next_ = &hook;
    head_.prev_ = &hook;
  }

  /// Unlinks and returns the first element, or null.
  T* pop_front() {
    if (is_empty()) return nullptr;
    T& element = front();
    static_cast<Hook&>(element).unlink();
    return &element;
  }

  /// Moves every element of `other` to the end of this list.
  void splice_back(IntrusiveList& other) {
    while (T* element = other.pop_front()) push_back(*element);
  }

  /// Calls visit(element) for each; the callback may unlink the element it is given, and no other.
  template <class Visit>
  void for_each(Visit visit) {
    for (Hook* hook = head_.next_; hook != &head_;) {
      Hook* next = hook->next_;
      visit(static_cast<T&>(*hook));
      hook = next;
    }
  }

 private:
  Hook head_;
};

}  // namespace amb
