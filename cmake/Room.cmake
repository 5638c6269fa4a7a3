# One static library per room. A room sees its own headers and those of the rooms it names, nothing else.
#
#   room(proxy USES net loop base SOURCES worker.cc session.cc)
#
# CONTROL is for the rooms of the control thread: what runs a few times a second is built small, not fast.
#
# Boost.Asio's templates with sanitizers in them took most of the time of ./test. Where tests are built, the control
# rooms' files and all tests are therefore compiled eight at a time, so that what is in a file's anonymous namespace
# needs a name that is its own in the folder; and the control rooms and unit tests with AddressSanitizer are not
# optimized. The release build takes each file alone, which finds a missing include, and the one for ThreadSanitizer
# optimizes, which finds what GCC warns of only then.

add_library(amb_flags INTERFACE)
target_compile_options(amb_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-field-initializers -Werror -fno-omit-frame-pointer)
target_include_directories(amb_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(AMB_HARDEN)
  # The program is linked as a static PIE with everything relocated read-only, src/app/CMakeLists.txt. What each part
  # costs, and the test that reads it off the binary: docs/performance.md, tests/process/test_hardened_binary.py.
  target_compile_options(amb_flags INTERFACE -fPIE -fstack-protector-strong)
  target_compile_definitions(amb_flags INTERFACE _FORTIFY_SOURCE=2)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(amb_flags INTERFACE -fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    target_compile_options(amb_flags INTERFACE -mbranch-protection=standard)
  endif()
endif()
if(AMB_SANITIZE)
  # vptr is left out: its check opens a pipe, and cries wolf in tests that run out of descriptors.
  target_compile_options(amb_flags INTERFACE
    -fsanitize=${AMB_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all)
  target_link_options(amb_flags INTERFACE -fsanitize=${AMB_SANITIZE})
  target_compile_definitions(amb_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(AMB_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio fences around handlers besides its mutex; GCC warns of each that ThreadSanitizer does not see it.
  target_compile_options(amb_flags INTERFACE -Wno-tsan)
endif()

if(AMB_FUZZ)
  # Clang warns of what GCC's own std::stable_sort calls.
  target_compile_options(amb_flags INTERFACE -Wno-deprecated-declarations)
endif()

function(compile_together target)
  if(NOT AMB_TOGETHER)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  # GCC takes a file that is included by another one for a header, whose types others would see.
  target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
endfunction()

function(compile_unoptimized target)
  if(AMB_SANITIZE MATCHES "address" AND NOT AMB_FUZZ)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O0>)
  endif()
endfunction()

function(room name)
  cmake_parse_arguments(ROOM "CONTROL" "" "USES;LIBRARIES;SOURCES" ${ARGN})
  list(TRANSFORM ROOM_USES PREPEND amb_)
  add_library(amb_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(amb_${name} PUBLIC amb_flags ${ROOM_USES} ${ROOM_LIBRARIES})
  if(ROOM_CONTROL AND AMB_TESTS AND NOT AMB_FUZZ)
    compile_together(amb_${name})
    compile_unoptimized(amb_${name})
  endif()
  if(ROOM_CONTROL)
    target_compile_options(amb_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
endfunction()
