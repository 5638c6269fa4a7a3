// SPDX-License-Identifier: Apache-2.0
//
// Any text as the right side of a link: targets with their options, or complaints.
#include "base/text.h"
#include "fuzz/harmless.h"
#include "fuzz/require.h"
#include "fuzz/wiring_oracle.h"
#include "wiring/draft.h"
#include "wiring/target_url.h"

namespace amb {
namespace {

using test::require;

constexpr std::uint16_t kLinkPort = 6379;

/// A target that says no port has the port of the link's name, whichever that is.
void require_ports(std::string_view value, const TargetList& list) {
  Complaints complaints;
  const TargetList other = parse_targets(value, kLinkPort + 1, complaints);
  if (list.targets.size() != other.targets.size()) return;  // two became the same one
  for (std::size_t i = 0; i < list.targets.size(); ++i) {
    const Target& a = list.targets[i];
    const Target& b = other.targets[i];
    const bool said = a.port == b.port;
    require(said || (a.port == kLinkPort && b.port == kLinkPort + 1), "a missing port is the link's", a.text);
    require(!said || a.text == b.text, "only a missing port changes with the link's", a.text);
  }
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const std::string_view value = test::as_text(data, size);

  Complaints complaints;
  const TargetList list = parse_targets(value, kLinkPort, complaints);
  require(!list.targets.empty() || !complaints.empty(), "a value has targets or is wrong");
  for (const auto& complaint : complaints) {
    require(!complaint.what.empty() && test::is_harmless(complaint.what), "what is wrong is told",
            complaint.what);
    require(!complaint.accepted.empty() && test::is_harmless(complaint.accepted), "what is accepted is told");
  }
  require_ports(value, list);

  Findings findings;
  std::vector<Draft> drafts;
  const LinkName name{"REDIS", std::to_string(kLinkPort), Protocol::tcp};
  read_link({Origin::Kind::argument, "argument 1"}, name, value, findings, drafts);
  require(drafts.size() == (findings.problems.empty() ? 1U : 0U), "a link, or problems");
  require(complaints.empty() || !findings.problems.empty(), "no complaint is lost on the way");
  for (const auto& draft : drafts) test::require_whole(draft.link);
  findings.links.clear();
  test::require_harmless_reports(findings);
  test::require_kept_secret(value, findings);
  return 0;
}
