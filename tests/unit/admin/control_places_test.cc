// SPDX-License-Identifier: Apache-2.0
#include "admin/control_places.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace amb {
namespace {

using SpotKind = ControlSpot::Kind;

ControlSearch search(std::string setting = {}, std::string runtime = {}) {
  return {.setting = std::move(setting), .runtime_folder = std::move(runtime), .uid = 65534};
}

TEST(ControlPlaces, AreTriedFromTheOneEverybodyKnowsToTheOneThatNeedsNoFile) {
  const auto spots = control_spots(search("", "/run/user/65534"));
  ASSERT_EQ(spots.size(), 4U);
  EXPECT_EQ(spots[0].folder, "/run/ambassador");
  EXPECT_EQ(spots[0].addresses[0].path(), "/run/ambassador/control.sock");
  EXPECT_EQ(spots[1].addresses[0].path(), "/run/user/65534/ambassador/control.sock");
  EXPECT_EQ(spots[2].folder, "/tmp/ambassador-65534");
  EXPECT_EQ(spots[2].addresses[0].path(), "/tmp/ambassador-65534/control.sock");
  EXPECT_EQ(spots[3].kind, SpotKind::abstract);
  EXPECT_EQ(spots[3].addresses[0].path(), "@ambassador-control-65534");
}

TEST(ControlPlaces, HaveRoomForNineProgramsEach) {
  for (const auto& spot : control_spots(search("", "/run/user/1"))) {
    ASSERT_EQ(spot.addresses.size(), 9U);
    EXPECT_NE(spot.addresses[1].path().find("-2"), std::string::npos);
    EXPECT_NE(spot.addresses[8].path().find("-9"), std::string::npos);
  }
}

TEST(ControlPlaces, AreOneWhereTheSettingNamesIt) {
  const auto spots = control_spots(search("/srv/a.sock", "/run/user/1"));
  ASSERT_EQ(spots.size(), 1U);
  EXPECT_EQ(spots[0].kind, SpotKind::told);
  ASSERT_EQ(spots[0].addresses.size(), 1U);
  EXPECT_EQ(spots[0].addresses[0].path(), "/srv/a.sock");
}

TEST(ControlPlaces, AreNoneWhenItIsOff) {
  EXPECT_TRUE(search("none").is_off());
  EXPECT_TRUE(control_spots(search("none")).empty());
}

TEST(ControlPlaces, LeaveOutWhatNoSocketCanHave) {
  const auto spots = control_spots(search("", "/" + std::string(100, 'x')));
  EXPECT_TRUE(spots[1].addresses.empty());
  EXPECT_TRUE(control_spots(search("/" + std::string(200, 'x')))[0].addresses.empty());
  EXPECT_EQ(control_spots(search("", "relative")).size(), 3U) << "XDG says that this is none";
}

TEST(ControlPlaces, AreTold) {
  EXPECT_EQ(describe(control_spots(search())),
            "/run/ambassador/control.sock, /tmp/ambassador-65534/control.sock and @ambassador-control-65534");
  EXPECT_EQ(describe(control_spots(search("/a/b.sock"))), "/a/b.sock");
}

TEST(ControlPlaces, OfThisProcessAreThoseOfItsUser) {
  ::setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
  const ControlSearch here = control_search("/x");
  ::unsetenv("XDG_RUNTIME_DIR");
  EXPECT_EQ(here.setting, "/x");
  EXPECT_EQ(here.runtime_folder, "/run/user/7");
  EXPECT_EQ(here.uid, ::geteuid());
  EXPECT_EQ(control_search("").runtime_folder, "");
}

}  // namespace
}  // namespace amb
