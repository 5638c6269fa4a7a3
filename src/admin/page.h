// SPDX-License-Identifier: Apache-2.0
//
// The page that shows the running program: the files of web/, as they were when the program was built. It
// needs nothing from anywhere else, and what it may do is said in the fields that it is sent with.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "admin/http_message.h"

namespace amb {

struct PageFile {
  std::string_view name;  ///< "index.html", "style.css"
  std::string_view bytes;
};

/// All of them; written by cmake/PageFiles.cmake.
std::span<const PageFile> page_files();

/// The document itself for "index.html"; 404 for a name that is none of its files.
HttpResponse page_response(std::string_view name);

}  // namespace amb
