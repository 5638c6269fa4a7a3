// SPDX-License-Identifier: Apache-2.0
#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace amb {
namespace {

struct ByAge;
struct ByName;

struct Person : ListHook<ByAge>, ListHook<ByName> {
  explicit Person(char letter) : name(letter) {}
  char name;
};

using AgeList = IntrusiveList<Person, ByAge>;

std::string names(auto& list) {
  std::string text;
  list.for_each([&](Person& person) { text += person.name; });
  return text;
}

TEST(IntrusiveList, KeepsTheOrderOfArrival) {
  Person a('a'), b('b'), c('c');
  AgeList list;
  EXPECT_TRUE(list.is_empty());
  for (Person* person : {&a, &b, &c}) list.push_back(*person);
  EXPECT_EQ(names(list), "abc");
  EXPECT_EQ(&list.front(), &a);
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(names(list), "bc");
}

TEST(IntrusiveList, HasNothingToPopWhenEmpty) {
  AgeList list;
  EXPECT_EQ(list.pop_front(), nullptr);
}

TEST(IntrusiveList, LetsAnElementLeaveKnowingOnlyItself) {
  Person a('a'), b('b'), c('c');
  AgeList list;
  for (Person* person : {&a, &b, &c}) list.push_back(*person);
  b.ListHook<ByAge>::unlink();
  b.ListHook<ByAge>::unlink();
  EXPECT_FALSE(b.ListHook<ByAge>::is_linked());
  EXPECT_EQ(names(list), "ac");
}

TEST(IntrusiveList, MovesAnElementThatIsPushedAgain) {
  Person a('a'), b('b');
  AgeList list, other;
  list.push_back(a);
  list.push_back(b);
  list.push_back(a);
  EXPECT_EQ(names(list), "ba");
  other.push_back(b);
  EXPECT_EQ(names(list), "a");
  EXPECT_EQ(names(other), "b");
}

TEST(IntrusiveList, LosesAnElementThatIsDestroyed) {
  AgeList list;
  Person a('a'), c('c');
  auto b = std::make_unique<Person>('b');
  for (Person* person : {&a, b.get(), &c}) list.push_back(*person);
  b.reset();
  EXPECT_EQ(names(list), "ac");
}

TEST(IntrusiveList, FreesItsElementsWhenItEndsFirst) {
  Person a('a');
  {
    AgeList list;
    list.push_back(a);
  }
  EXPECT_FALSE(a.ListHook<ByAge>::is_linked());
  AgeList next;
  next.push_back(a);
  EXPECT_EQ(names(next), "a");
}

TEST(IntrusiveList, HoldsAnElementInSeveralListsAtOnce) {
  Person a('a'), b('b');
  AgeList ages;
  IntrusiveList<Person, ByName> by_name;
  ages.push_back(a);
  ages.push_back(b);
  by_name.push_back(b);
  by_name.push_back(a);
  EXPECT_EQ(ages.pop_front(), &a);
  EXPECT_EQ(names(by_name), "ba") << "leaving one list leaves the other alone";
}

TEST(IntrusiveList, TakesOverAWholeList) {
  Person a('a'), b('b'), c('c');
  AgeList list, other;
  list.push_back(a);
  other.push_back(b);
  other.push_back(c);
  list.splice_back(other);
  EXPECT_EQ(names(list), "abc");
  EXPECT_TRUE(other.is_empty());
}

TEST(IntrusiveList, LetsAVisitedElementLeaveOrEnd) {
  AgeList list, left;
  Person a('a'), c('c');
  auto b = std::make_unique<Person>('b');
  for (Person* person : {&a, b.get(), &c}) list.push_back(*person);
  list.for_each([&](Person& person) {
    if (person.name == 'b')
      b.reset();
    else
      left.push_back(person);
  });
  EXPECT_TRUE(list.is_empty());
  EXPECT_EQ(names(left), "ac");
}

}  // namespace
}  // namespace amb
