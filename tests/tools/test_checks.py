# SPDX-License-Identifier: Apache-2.0
"""Each check sees what it is there for, names the place, and is silent about a tree without it."""

import pathlib
import shutil

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARK = "TO" + "DO"


def function_of(lines):
    return "int f() {\n" + "  g();\n" * (lines - 2) + "}\n"


@pytest.mark.parametrize("path, include, complaint", [
    ("src/net/a.cc", '"proxy/b.h"', 'net may not include "proxy/b.h", only base, loop'),
    ("src/base/a.h", '"loop/b.h"', 'base may not include "loop/b.h", only its own headers'),
    ("src/wiring/a.cc", '"net/socket.h"', 'wiring may not include "net/socket.h", only base, net/address.h, '
                                           'net/embedded_address.h'),
    ("src/health/a.cc", '"tls/stream.h"', 'health may not include "tls/stream.h", only base, wiring, net/address.h, '
                                          'tls/digest.h, tls/pbkdf2.h'),
    ("src/proxy/a.cc", '"a.h"', '"a.h" names no room; write "room/file.h"'),
    ("src/wiring/a.cc", "<sys/socket.h>", "<sys/socket.h> does not belong here: "
                                          "sockets are for net, loop and proxy's relays"),
    ("src/proxy/session.cc", "<netinet/tcp.h>", "<netinet/tcp.h> does not belong here: "
                                                "sockets are for net, loop and proxy's relays"),
    ("src/app/a.cc", "<sys/epoll.h>", "<sys/epoll.h> does not belong here: "
                                       "epoll is for loop, those it calls back, and what commands wait for"),
    ("src/net/a.cc", "<openssl/ssl.h>", "<openssl/ssl.h> does not belong here: OpenSSL is for tls"),
    ("src/proxy/a.cc", "<boost/asio/io_context.hpp>", "<boost/asio/io_context.hpp> does not belong here: "
                                                      "Asio and Beast are for the control thread"),
    ("src/proxy/a.cc", '"base/await.h"', "<base/await.h> does not belong here: Asio and Beast are for the control thread"),
])
def test_an_include_against_the_order_of_the_rooms_is_reported(tree, path, include, complaint):
    tree.write(path, f"// first line\n#include {include}\n")
    assert tree.complaints_of("check_layers") == [f"{path}:2: {complaint}"]


def test_a_room_that_is_not_in_the_table_is_reported(tree):
    tree.write("src/cellar/a.cc")
    assert tree.complaints_of("check_layers") == [
        "src/cellar/a.cc:1: this room is not in the table of tools/check_layers"]


def test_includes_along_the_order_of_the_rooms_are_fine(tree):
    tree.write("src/proxy/relay.cc", '#include <sys/socket.h>\n#include "net/b.h"\n#include "proxy/c.h"\n')
    tree.write("src/wiring/a.h", '#include <vector>\n#include "net/address.h"\n#include "base/text.h"\n')
    tree.write("src/app/a.cc", '#include <boost/asio/post.hpp>\n#include "discovery/b.h"\n')
    assert tree.complaints_of("check_layers") == []


def test_a_long_file_is_reported_wherever_it_is(tree):
    for path in ("src/a.cc", "tests/a.py", "tools/a"):
        tree.write(path, "\n" * 301)
    assert tree.complaints_of("check_sizes") == [
        f"{path}:301: the file has 301 lines; 300 are the most" for path in ("src/a.cc", "tests/a.py", "tools/a")]


@pytest.mark.parametrize("head, tail", [
    ("", ""),
    ("namespace amb {\nclass A final : public B {\n", "};\n}\n"),
    ("A::A()\n    : a_{1}, b_(2) {\n}\n", ""),
    ("constexpr Row kRows[] = {{1, '{'}, {2, \"{\"}};  // {\n", ""),
])
def test_a_long_function_is_reported_at_its_head(tree, head, tail):
    line = head.count("\n") + 1
    tree.write("src/a.cc", head + function_of(61) + tail)
    assert tree.complaints_of("check_sizes") == [
        f"src/a.cc:{line}: the function has 61 lines; 60 are the most"]


def test_a_long_constructor_is_reported_though_initialisers_have_braces_too(tree):
    tree.write("src/a.cc", "A::A()\n    : a_{1}, b_{2} {\n" + "  g();\n" * 58 + "}\n")
    assert tree.complaints_of("check_sizes") == ["src/a.cc:1: the function has 61 lines; 60 are the most"]


def test_files_and_functions_of_the_greatest_size_are_fine(tree):
    tree.write("src/a.cc", "namespace amb {\n" + function_of(60) * 4 + "}\n" + "\n" * 58)
    assert tree.complaints_of("check_sizes") == []


def test_a_source_without_a_test_is_reported(tree):
    tree.write("src/net/a.cc")
    assert tree.complaints_of("check_tests") == [
        "src/net/a.cc:1: neither tests/unit/net/a_test.cc nor a reason in tools/untested.txt"]


def test_a_test_that_no_list_names_is_reported(tree):
    tree.write("tests/behaviour/a_test.cc")
    assert tree.complaints_of("check_tests") == [
        "tests/behaviour/a_test.cc:1: no CMakeLists.txt names it, so nothing runs it"]


@pytest.mark.parametrize("line, complaint", [
    ("src/net/a.cc:", "no reason is given for src/net/a.cc"),
    ("src/net/gone.cc: it was simple", "src/net/gone.cc does not exist"),
    ("src/net/b.cc: it is simple", "src/net/b.cc has a test; take it off the list"),
])
def test_an_exception_that_does_not_hold_is_reported(tree, line, complaint):
    tree.write("src/net/a.cc").write("src/net/b.cc")
    tree.write("tests/unit/net/a_test.cc").write("tests/unit/net/b_test.cc")
    tree.write("tests/unit/net/CMakeLists.txt", "test_suite(net SOURCES a_test.cc b_test.cc)\n")
    tree.write("tools/untested.txt", f"# comment\n{line}\n")
    assert tree.complaints_of("check_tests") == [f"tools/untested.txt:2: {complaint}"]


def test_sources_with_a_test_or_a_reason_are_fine(tree):
    tree.write("src/net/a.cc").write("tests/unit/net/a_test.cc").write("src/app/main.cc")
    tree.write("tests/unit/net/CMakeLists.txt", "test_suite(net SOURCES a_test.cc)\n")
    tree.write("tools/untested.txt", "src/app/main.cc: the program itself\n")
    assert tree.complaints_of("check_tests") == []


def test_a_source_out_of_format_is_reported(tree):
    shutil.copy(ROOT / ".clang-format", tree.top)
    tree.write("src/a.cc", "int  a;\n").write("tests/a.h", "int a;\n")
    assert tree.complaints_of("check_format") == [
        "src/a.cc:1:4: error: code should be clang-formatted [-Wclang-format-violations]"]
    tree.write("src/a.cc", "int a;\n")
    assert tree.complaints_of("check_format") == []


def test_work_left_for_later_without_an_issue_is_reported(tree):
    tree.write("src/a.cc", f"int a;  // {MARK}: more\n").write("src/b.cc", f"int b;  // {MARK}(#12): more\n")
    assert tree.complaints_of("check_todo") == [f"src/a.cc:1: write {MARK}(#12) with the number of its issue"]


def test_a_setting_that_only_code_or_only_the_docs_know_is_reported(tree):
    tree.write("src/a.cc", 'const char* a = "AMBASSADOR_DRAIN";\nconst char* b = "AMBASSADOR_LOG";\n')
    tree.write("docs/configuration.md", "`AMBASSADOR_LOG` and `AMBASSADOR_LOG_LEVEL`\n")
    assert tree.complaints_of("check_docs") == [
        "docs/configuration.md:1: AMBASSADOR_LOG_LEVEL is not in src",
        "src/a.cc:1: AMBASSADOR_DRAIN is not in docs/configuration.md"]


OPTION_ROWS = """
constexpr std::array kOptions = std::to_array<Option>({
    {"listen", "address, repeatable", "", "where to listen",
     read_listen, show_nothing, true},
    {"dead_peer", "duration", "1m",
     "bytes sent and not acknowledged", read_duration, show_duration},
    {"policy", "word", "first", "which", read_policy, show_policy},
});
"""
OPTION_PAGE = """| Alias | Ports |
|---|---|
| `redis` | 6379 | 6380 |

| Option | Type | Default | What it says |
|---|---|---|---|
| `listen` | address | every address | where to listen |
| `dead_peer` | duration | 1m | bytes |
| `policy` | word | first | which |

| `other` | table | of another | kind |
"""


def test_options_that_the_docs_tell_as_they_are_are_fine(tree):
    tree.write("src/wiring/options.cc", OPTION_ROWS).write("docs/configuration.md", OPTION_PAGE)
    assert tree.complaints_of("check_docs") == []


def test_an_option_that_only_code_or_only_the_docs_know_is_reported(tree):
    tree.write("src/wiring/options.cc", OPTION_ROWS.replace("policy", "police"))
    tree.write("docs/configuration.md", OPTION_PAGE)
    assert tree.complaints_of("check_docs") == [
        "docs/configuration.md:9: option policy is not in src/wiring/options.cc",
        "src/wiring/options.cc:7: option police is not in the table of docs/configuration.md"]


def test_an_option_without_a_page_is_reported(tree):
    tree.write("src/wiring/options.cc", '{"listen", "address", "", "where", f, g},\n')
    assert tree.complaints_of("check_docs") == [
        "src/wiring/options.cc:1: option listen is not in the table of docs/configuration.md"]


def test_an_option_with_another_default_is_reported(tree):
    tree.write("src/wiring/options.cc", OPTION_ROWS)
    tree.write("docs/configuration.md", OPTION_PAGE.replace("| 1m |", "| 1h |"))
    assert tree.complaints_of("check_docs") == [
        "docs/configuration.md:8: the default of dead_peer is 1m in src/wiring/options.cc, not 1h"]


METRICS_CODE = """
  out.gauge("amb_sessions", "Open sessions.");
  out.counter(
      "amb_bytes", "Bytes.");
  out.histograms("amb_life_seconds", "Life.");
"""
METRICS_PAGE = """| Event | Level |
|---|---|
| `amb_event` | info |

| Metric | Type | Labels | Means |
|---|---|---|---|
| `amb_sessions` | gauge | | open |
| `amb_bytes_total` | counter | `direction` | bytes |
| `amb_life_seconds` | histogram | | life |
"""


def test_metrics_that_docs_and_packaging_tell_as_they_are_are_fine(tree):
    tree.write("src/admin/metrics.cc", METRICS_CODE).write("docs/operations.md", METRICS_PAGE)
    tree.write("packaging/x/a.yml", "rate(amb_life_seconds_bucket[5m]) / amb_sessions # x/amb_file.json\n")
    assert tree.complaints_of("check_docs") == []


def test_a_metric_that_only_code_or_only_the_docs_know_or_of_another_type_is_reported(tree):
    tree.write("src/admin/metrics.cc", METRICS_CODE.replace("amb_sessions", "amb_open"))
    tree.write("docs/operations.md", METRICS_PAGE.replace("counter", "gauge"))
    assert tree.complaints_of("check_docs") == [
        "docs/operations.md:7: there is no metric amb_sessions",
        "docs/operations.md:8: amb_bytes_total is a counter in src/admin/metrics.cc, not a gauge",
        "src/admin/metrics.cc:2: the metric amb_open is not in the table of docs/operations.md"]


def test_a_metric_that_packaging_asks_for_in_vain_is_reported(tree):
    tree.write("src/admin/metrics.cc", METRICS_CODE).write("docs/operations.md", METRICS_PAGE)
    tree.write("packaging/a.json", '{\n"expr": "sum(amb_bytes) + amb_life_seconds"}\n')
    assert tree.complaints_of("check_docs") == [
        "packaging/a.json:2: there is no metric amb_bytes", "packaging/a.json:2: there is no metric amb_life_seconds"]


def test_a_relative_link_that_leads_nowhere_is_reported(tree):
    tree.write("README.md", "[a](docs/a.md#part) [b](docs/gone.md)\n[c](https://example.com/c) [d](#d)\n")
    tree.write("docs/a.md", "[up](../README.md)\n```\n[no](link.md)\n```\n[e]: gone.png\n")
    assert tree.complaints_of("check_docs") == [
        "README.md:1: docs/gone.md does not exist", "docs/a.md:5: gone.png does not exist"]
