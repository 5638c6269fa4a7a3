# The libraries the project stands on, each as one target. Debian's fmt ships no static archive, so it
# is used as headers; Boost's compiled parts are linked from their .a files.

find_package(Threads REQUIRED)

add_library(lib_fmt INTERFACE)
target_compile_definitions(lib_fmt INTERFACE FMT_HEADER_ONLY=1)

function(static_library target archive)
  find_library(${target}_archive NAMES ${archive} REQUIRED)
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE ${${target}_archive} ${ARGN})
endfunction()

static_library(lib_boost_container libboost_container.a)
static_library(lib_boost_json libboost_json.a lib_boost_container)
static_library(lib_boost_url libboost_url.a)
static_library(lib_cares libcares.a)

static_library(lib_crypto libcrypto.a)
static_library(lib_idn libidn.a)

# Asio's own code is compiled here once, whichever rooms use it.
add_library(lib_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cc)
target_compile_definitions(lib_asio PUBLIC BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
target_link_libraries(lib_asio PUBLIC Threads::Threads PRIVATE amb_flags)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the frame of a coroutine for memory that its own operator delete does not give back.
  target_compile_options(lib_asio INTERFACE -Wno-mismatched-new-delete)
endif()

add_library(lib_cli11 INTERFACE)

# One file of ours includes it whole (wiring/toml_tree.cc): Debian ships no static archive of it either.
find_path(tomlplusplus_headers toml++/toml.h REQUIRED)
add_library(lib_tomlplusplus INTERFACE)
target_include_directories(lib_tomlplusplus SYSTEM INTERFACE ${tomlplusplus_headers})
