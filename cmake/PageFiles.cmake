# Run by the build when a file of web/ has changed: writes them as bytes into a source file.
#
#   cmake -D FOLDER=web -D FILES=index.html;style.css -D OUTPUT=page_files.cc -P PageFiles.cmake
set(arrays "")
set(rows "")
foreach(name ${FILES})
  file(READ ${FOLDER}/${name} hex HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${hex}")
  string(REGEX REPLACE "[^a-z0-9]" "_" word ${name})
  string(APPEND arrays "constexpr char ${word}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${name}\", {${word}, sizeof ${word}}},\n")
endforeach()
list(LENGTH FILES count)
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
// Written by cmake/PageFiles.cmake.
#include <array>

#include "admin/page.h"

namespace amb {

namespace {

@arrays@
constexpr std::array<PageFile, @count@> kFiles = {{
@rows@}};

}  // namespace

std::span<const PageFile> page_files() { return kFiles; }

}  // namespace amb
]] @ONLY)
