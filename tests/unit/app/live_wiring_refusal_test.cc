// SPDX-License-Identifier: Apache-2.0
//
// Whatever is wrong with a change, the wiring that runs stays as it is, and it is told why.
#include <gtest/gtest.h>

#include <stdexcept>

#include "unit/app/living.h"
#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

using namespace test;

class LiveWiringRefusal : public testing::Test {
 protected:
  std::string leading_to(const Service& service) const { return link_text("a", listen_, service.address()); }

  /// It is turned down, and a link still leads where it did.
  ControlError refuses(const std::string& text) {
    const auto result = living_.reload(text);
    EXPECT_FALSE(result);
    EXPECT_EQ(living_->generation(), 1U);
    EXPECT_TRUE(living_.leads(listen_, first_));
    return result ? ControlError{} : result.error();
  }

  Service first_, second_;
  SocketAddress listen_ = free_address(), other_ = free_address();
  Living living_{leading_to(first_)};
};

TEST_F(LiveWiringRefusal, OfATextThatCannotBeReadNamesThePlace) {
  const ControlError error = refuses(leading_to(second_) + "policy = 'none'\n");
  EXPECT_EQ(error.status, 422);
  ASSERT_EQ(error.problems.size(), 1U);
  EXPECT_EQ(to_string(error.problems[0].origin), "links.toml:4:10");
  EXPECT_EQ(living_->rejections(), 1U);
  ASSERT_TRUE(living_->last_rejection());
  EXPECT_EQ(living_->last_rejection()->problems.size(), 1U);
  EXPECT_EQ(living_.supervisor().record("wiring_problem").at("from").as_string(), "links.toml:4:10");
  EXPECT_EQ(living_.supervisor().record("wiring_rejected").at("cause").as_string(), "file");
}

TEST_F(LiveWiringRefusal, OfATextWithoutLinksKeepsThose) { EXPECT_EQ(refuses("").status, 422); }

TEST_F(LiveWiringRefusal, OfATakenAddressChangesNothingElseEither) {
  const Service taken;
  const TemporaryFolder folder;
  const SocketAddress path = *SocketAddress::from_path(folder / "x.sock");
  const std::size_t descriptors = open_descriptors();
  const ControlError error =
      refuses(leading_to(second_) + link_text("b", taken.address(), second_.address()) +
              link_text("c", other_, second_.address()) + link_text("d", path, second_.address()));
  ASSERT_EQ(error.problems.size(), 1U);
  EXPECT_EQ(to_string(error.problems[0].origin), "links.toml:4:8");
  EXPECT_EQ(error.problems[0].value, taken.address().to_string());
  EXPECT_FALSE(second_.has_visitor());
  EXPECT_EQ(connect_to(other_).error, ECONNREFUSED);
  EXPECT_TRUE(bind_listener(other_, 2)) << "what could be had was given back";
  EXPECT_FALSE(std::filesystem::exists(path.path()));
  EXPECT_TRUE(eventually([&] { return open_descriptors() <= descriptors; }));
}

TEST_F(LiveWiringRefusal, TellsEveryAddressThatCannotBeHad) {
  const Service one, two;
  const ControlError error = refuses(leading_to(first_) + link_text("b", one.address(), second_.address()) +
                                     link_text("c", two.address(), second_.address()));
  EXPECT_EQ(error.problems.size(), 2U);
}

TEST_F(LiveWiringRefusal, OfTooManyListenersForTheDescriptors) {
  living_.most_sessions = 0;
  EXPECT_EQ(refuses(leading_to(second_)).problems.size(), 1U);
}

TEST_F(LiveWiringRefusal, IsForgottenWhenAReloadSucceedsButStaysCounted) {
  (void)refuses("[links");
  (void)refuses("[links");
  ASSERT_TRUE(living_.reload(leading_to(first_)));
  EXPECT_FALSE(living_->last_rejection());
  EXPECT_EQ(living_->rejections(), 2U);
}

TEST_F(LiveWiringRefusal, EndsNoRewire) {
  ASSERT_TRUE(living_.rewire("a", second_));
  EXPECT_FALSE(living_.reload(link_text("b", other_, "nonsense://")));
  EXPECT_TRUE(living_.leads(listen_, second_));
  EXPECT_NE(living_->declared(*living_->find("a")), nullptr);
}

TEST_F(LiveWiringRefusal, ComesForEveryChangeOfAProgramThatStops) {
  living_->stop();
  EXPECT_EQ(living_.reload(leading_to(second_)).error().status, 409);
  EXPECT_EQ(living_.rewire("a", second_).error().status, 409);
  EXPECT_EQ(living_->set_drained("a", true).error().status, 409);
  EXPECT_EQ(living_->rejections(), 0U) << "the file is not to blame";
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveWiringRefusal, ComesWithItsReasonWhenTheSourcesCannotBeRead) {
  living_.unreadable = Problem{{Origin::Kind::file, "links.toml"}, {}, "the disk does not answer", "another"};
  EXPECT_EQ(living_.reload(leading_to(second_)).error().problems.at(0).what, "the disk does not answer");
  EXPECT_EQ(living_.rewire("a", second_).error().problems.at(0).what, "the disk does not answer");
  EXPECT_EQ(living_.preview("new.toml", leading_to(second_)).error().problems.at(0).what,
            "the disk does not answer");
  EXPECT_EQ(living_->rejections(), 1U) << "of files";
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveWiringRefusal, ComesForWhatNobodyForesawToo) {
  living_.before_change = [] { throw std::runtime_error("no memory"); };
  EXPECT_EQ(living_.reload(leading_to(second_)).error().problems.at(0).what, "no memory");
  EXPECT_EQ(living_.rewire("a", second_).error().problems.at(0).what, "no memory");
  EXPECT_EQ(living_->generation(), 1U);
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveWiringRefusal, APreviewSaysWhatWouldHappenAndDoesNothing) {
  const auto result =
      living_.preview("new.toml", leading_to(second_) + link_text("b", other_, first_.address()));
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->was_applied);
  EXPECT_EQ(steps_of(*result), (std::vector<std::string>{"change a", "add b"}));
  const auto bad = living_.preview("new.toml", "[links");
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().problems[0].origin.name.starts_with("new.toml:1:"));
  EXPECT_EQ(living_->rejections(), 0U);
  EXPECT_EQ(living_->generation(), 1U);
  EXPECT_TRUE(living_.leads(listen_, first_));
}

}  // namespace
}  // namespace amb
