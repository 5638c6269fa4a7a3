# Run at every build: writes the commit into a source file, but only touches it when the commit is another.
execute_process(COMMAND git -C ${SOURCE_DIR} rev-parse --short=12 HEAD
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT commit)
  set(commit "$ENV{AMB_COMMIT}")  # a source tree without its history, as in a Docker build
endif()
if(NOT commit)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
// Written by cmake/VersionInfo.cmake.
#include "app/version.h"

namespace amb {

const char* const kVersion = "@VERSION@";
const char* const kCommit = "@commit@";

}  // namespace amb
]] @ONLY)
