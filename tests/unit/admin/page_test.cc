// SPDX-License-Identifier: Apache-2.0
#include "admin/page.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace amb {
namespace {

std::string field(const HttpResponse& response, std::string_view name) {
  const auto found = std::ranges::find(response.fields, name, &std::pair<std::string, std::string>::first);
  return found == response.fields.end() ? "" : found->second;
}

TEST(Page, IsADocumentAndWhatItNeeds) {
  EXPECT_TRUE(page_response("index.html").content().starts_with("<!doctype html>"));
  EXPECT_EQ(page_response("index.html").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page_response("app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(page_response("style.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(page_response("icon.svg").content_type, "image/svg+xml");
}

TEST(Page, NamesNoFileThatItDoesNotHave) {
  for (const PageFile& file : page_files()) {
    EXPECT_EQ(page_response(file.name).content().data(), file.bytes.data()) << file.name << " is not copied";
    for (std::size_t at = 0; (at = file.bytes.find("\"/page/", at)) != std::string_view::npos;) {
      at += 7;
      const std::string name(file.bytes.substr(at, file.bytes.find('"', at) - at));
      EXPECT_EQ(page_response(name).status, 200U) << file.name << " names " << name;
    }
  }
}

TEST(Page, HasNoOtherFile) {
  for (const char* name : {"", "..", "app.js/", "APP.JS", "/etc/passwd"})
    EXPECT_EQ(page_response(name).status, 404U) << name;
}

TEST(Page, IsSmall) {
  std::size_t bytes = 0;
  for (const PageFile& file : page_files()) bytes += file.bytes.size();
  EXPECT_LT(bytes, 100U * 1024);
}

TEST(Page, MayDoNothingButAskItsOwnOrigin) {
  for (const PageFile& file : page_files()) {
    const HttpResponse response = page_response(file.name);
    const std::string policy = field(response, "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';")) << policy;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(field(response, "Referrer-Policy"), "no-referrer");
  }
}

}  // namespace
}  // namespace amb
