// SPDX-License-Identifier: Apache-2.0
#include "admin/page.h"

#include <algorithm>
#include <array>
#include <utility>

namespace amb {

namespace {

/// Everything from this very origin, nothing inline, and in nobody's frame: what a hostile name would have to
/// get past even if it came to stand in the document as more than text.
constexpr auto kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view content_type_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTypes = {
      {{".html", "text/html; charset=utf-8"},
       {".css", "text/css; charset=utf-8"},
       {".js", "text/javascript; charset=utf-8"},
       {".svg", "image/svg+xml"}}};
  const auto* type =
      std::ranges::find_if(kTypes, [name](const auto& one) { return name.ends_with(one.first); });
  return type == kTypes.end() ? "application/octet-stream" : type->second;
}

}  // namespace

HttpResponse page_response(std::string_view name) {
  const auto files = page_files();
  const auto file = std::ranges::find(files, name, &PageFile::name);
  if (file == files.end()) return error_response(404, "the page has no such file");
  return {.status = 200,
          .content_type = std::string(content_type_of(name)),
          .body = {},
          .fixed_body = file->bytes,
          .fields = {{"Content-Security-Policy", kPolicy},
                     {"Referrer-Policy", "no-referrer"},
                     {"Cross-Origin-Opener-Policy", "same-origin"},
                     {"Cross-Origin-Resource-Policy", "same-origin"}},
          .stream = {}};
}

}  // namespace amb
