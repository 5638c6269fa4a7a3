// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of links: links or problems, each with a place in the file. What is accepted can be
// written back, as a file and as a variable, and is the same link.
#include "fuzz/require.h"
#include "fuzz/wiring_oracle.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const std::string_view text = test::as_text(data, size);
  WiringInput input = test::plain_input();
  input.config = ConfigText{.path = "/etc/links.toml", .text = std::string(text), .error = {}};
  const Findings findings = find_wiring(input);
  test::require_whole(input, findings);
  test::require_harmless_reports(findings);
  test::require_kept_secret(text, findings);
  return 0;
}
