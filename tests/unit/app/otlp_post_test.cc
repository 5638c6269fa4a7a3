// SPDX-License-Identifier: Apache-2.0
#include "app/otlp_post.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using OutcomeKind = ExportOutcome::Kind;

TEST(Export, IsTakenRefusedOrTriedAgainByItsStatus) {
  for (const auto& [status, kind] :
       std::to_array<std::pair<unsigned, OutcomeKind>>({{200, OutcomeKind::taken},
                                                        {202, OutcomeKind::taken},
                                                        {301, OutcomeKind::refused},
                                                        {400, OutcomeKind::refused},
                                                        {401, OutcomeKind::refused},
                                                        {404, OutcomeKind::refused},
                                                        {408, OutcomeKind::refused},
                                                        {413, OutcomeKind::refused},
                                                        {429, OutcomeKind::again},
                                                        {500, OutcomeKind::refused},
                                                        {502, OutcomeKind::again},
                                                        {503, OutcomeKind::again},
                                                        {504, OutcomeKind::again}})) {
    const ExportOutcome outcome = judge_export(status, "", "");
    EXPECT_EQ(outcome.kind, kind) << status;
    EXPECT_EQ(outcome.error.empty(), kind == OutcomeKind::taken) << status;
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
  EXPECT_EQ(outcome.kind, OutcomeKind::taken);
  EXPECT_EQ(outcome.rejected, 2U);
  EXPECT_EQ(outcome.error, "old");
}

}  // namespace
}  // namespace amb
