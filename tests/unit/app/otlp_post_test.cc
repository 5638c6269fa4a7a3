// SPDX-License-Identifier: Apache-2.0
#include "app/otlp_post.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Kind = ExportOutcome::Kind;

TEST(Export, IsTakenRefusedOrTriedAgainByItsStatus) {
  for (const auto& [status, kind] : std::to_array<std::pair<unsigned, Kind>>({{200, Kind::taken},
                                                                              {202, Kind::taken},
                                                                              {301, Kind::refused},
                                                                              {400, Kind::refused},
                                                                              {401, Kind::refused},
                                                                              {404, Kind::refused},
                                                                              {408, Kind::refused},
                                                                              {413, Kind::refused},
                                                                              {429, Kind::again},
                                                                              {500, Kind::refused},
                                                                              {502, Kind::again},
                                                                              {503, Kind::again},
                                                                              {504, Kind::again}})) {
    const ExportOutcome outcome = judge_export(status, "", "");
    EXPECT_EQ(outcome.kind, kind) << status;
    EXPECT_EQ(outcome.error.empty(), kind == Kind::taken) << status;
  }
}

TEST(Export, WaitsAsLongAsTheCollectorAsksWithinReason) {
  EXPECT_EQ(judge_export(503, "7", "").pause, std::chrono::seconds(7));
  EXPECT_EQ(judge_export(429, " 0 ", "").pause, std::chrono::seconds(0));
  EXPECT_EQ(judge_export(503, "4000000000", "").pause, std::chrono::seconds(300));
  for (const char* other : {"", "soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "99999999999999999999"})
    EXPECT_FALSE(judge_export(503, other, "").pause) << other;
  EXPECT_FALSE(judge_export(400, "7", "").pause) << "it is not tried again";
}

TEST(Export, CountsWhatWasTakenInPart) {
  const ExportOutcome outcome =
      judge_export(200, "", R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}})");
  EXPECT_EQ(outcome.kind, Kind::taken);
  EXPECT_EQ(outcome.rejected, 2U);
  EXPECT_EQ(outcome.error, "old");
}

}  // namespace
}  // namespace amb
