# SPDX-License-Identifier: Apache-2.0
"""./test counts every case once, believes no runner that found nothing, and knows why a test was skipped."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import suites  # noqa: E402
import tally  # noqa: E402

CTEST = """<?xml version="1.0"?>
<testsuite tests="6">
  <testcase name="passes" status="run"><system-out>fine</system-out></testcase>
  <testcase name="fails" status="fail"><failure message="Failed"/><system-out>expected 1, got 2</system-out></testcase>
  <testcase name="skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
    <system-out>[ RUN      ] A.skips
tests/unit/a_test.cc:7: Skipped
this kernel has no splice

[  SKIPPED ] A.skips (0 ms)
</system-out></testcase>
  <testcase name="was_never_built" status="notrun"><skipped message="Unable to find executable"/></testcase>
  <testcase name="DISABLED_one" status="disabled"><disabled message=""/></testcase>
</testsuite>
"""

GTEST = """<?xml version="1.0"?>
<testsuites tests="4"><testsuite name="A">
  <testcase name="Passes" status="run" result="completed" classname="A"/>
  <testcase name="Fails" status="run" result="completed" classname="A"><failure message="one">expected 1, got 2</failure></testcase>
  <testcase name="Skips" status="run" result="skipped" classname="A"><skipped message="this kernel has no splice"/></testcase>
  <testcase name="DISABLED_One" status="notrun" result="suppressed" classname="A"/>
</testsuite></testsuites>
"""

PYTEST = """<testsuites><testsuite>
  <testcase classname="tests.test_a" name="test_passes"/>
  <testcase classname="tests.test_a" name="test_fails[1]"><failure message="assert 0">assert 0</failure></testcase>
  <testcase classname="tests.test_a" name="test_breaks"><error message="no set-up">no set-up</error></testcase>
  <testcase classname="tests.test_a" name="test_skips"><skipped message="no engine can start here"/></testcase>
</testsuite></testsuites>
"""

PYTEST_SAID = """
=================================== FAILURES ===================================
________________________________ test_fails[1] _________________________________
    assert 0
------------------------ log of ambassador 1 (pid 7) -------------------------
it said so itself
=========================== short test summary info ============================
FAILED tests/test_a.py::test_fails[1]
"""


@pytest.fixture
def finished(tmp_path):
    """finished(read, xml, said, status): the Tally of a runner that left this behind."""
    def left(read, xml, said="", status=0):
        (tmp_path / "log").write_text(said)
        (tmp_path / "junit.xml").write_text(xml)
        return suites.of_cases("unit", status, tmp_path / "log", tmp_path / "junit.xml", read)
    return left


def test_ctest_cases_are_counted_and_only_those_that_asked_for_it_are_skipped(finished):
    found = finished(tally.read_ctest, CTEST, status=8)
    assert found.counts() == "1 passed, 2 failed, 2 skipped"
    assert [name for name, _ in found.failed] == ["fails", "was_never_built"]
    assert "expected 1, got 2" in found.failed[0][1]
    assert found.skipped == [("skips", "this kernel has no splice"), ("DISABLED_one", "disabled in its source")]


def test_a_ctest_case_that_crashed_or_hung_says_so(finished):
    case = '<testsuite><testcase name="unit/A.b" status="fail"><failure message=""/></testcase></testsuite>'
    found = finished(tally.read_ctest, case, "The following tests FAILED:\n\t 92 - unit/A.b (Timeout)\n", status=8)
    assert found.failed == [("unit/A.b", "\nTimeout")]


def test_gtest_cases_are_counted_under_their_names(finished):
    found = finished(tally.read_gtest, GTEST, status=1)
    assert found.counts() == "1 passed, 1 failed, 2 skipped"
    assert found.failed == [("A.Fails", "expected 1, got 2")]
    assert found.skipped == [("A.Skips", "this kernel has no splice"), ("A.DISABLED_One", "disabled in its source")]


def test_bytes_that_no_xml_may_hold_do_not_hide_a_gtest_case(finished):
    case = '<testsuites><testcase name="A/0" value_param="\x1b[2J" status="run" result="completed" classname="T"/></testsuites>'
    assert finished(tally.read_gtest, case).counts() == "1 passed, 0 failed, 0 skipped"


def test_playwright_cases_are_counted_and_failures_come_with_what_they_say(finished):
    cases = ('<testsuites><testsuite name="a.spec.js"><testcase name="works" classname="a.spec.js"/>'
             '<testcase name="fails" classname="a.spec.js"><failure>expected 1</failure></testcase>'
             '<testcase name="waits" classname="a.spec.js"><skipped/></testcase></testsuite></testsuites>')
    found = finished(tally.read_playwright, cases, status=1)
    assert found.counts() == "1 passed, 1 failed, 1 skipped"
    assert found.failed == [("a.spec.js: fails", "expected 1")]
    assert found.skipped == [("a.spec.js: waits", "no reason given")]


def test_pytest_cases_are_counted_and_failures_come_with_all_they_printed(finished):
    found = finished(tally.read_pytest, PYTEST, PYTEST_SAID, status=1)
    assert found.counts() == "1 passed, 2 failed, 1 skipped"
    assert found.failed[0][0] == "tests.test_a: test_fails[1]"
    assert "it said so itself" in found.failed[0][1]
    assert "short test summary" not in found.failed[0][1]
    assert found.failed[1] == ("tests.test_a: test_breaks", "no set-up")
    assert found.skipped == [("tests.test_a: test_skips", "no engine can start here")]


def test_a_runner_that_found_no_test_has_failed(finished):
    assert len(finished(tally.read_ctest, "<testsuite/>").failed) == 1


def test_a_runner_that_ended_badly_has_failed_though_all_its_cases_passed(finished):
    found = finished(tally.read_ctest, '<testsuite><testcase name="a" status="run"/></testsuite>', "crash", status=3)
    assert found.failed == [("unit ended with status 3", "crash")]


def test_a_runner_that_left_no_report_has_failed(finished):
    [(name, said)] = finished(tally.read_ctest, "<testsui", "it crashed", status=1).failed
    assert name == "unit"
    assert "it crashed" in said


def test_nothing_run_is_no_success(capsys):
    assert suites.Run(quick=False, full=False).finish() == 1
    assert capsys.readouterr().out.endswith("0 passed, 0 failed, 0 skipped\n")


def test_the_last_line_is_the_sum_and_skips_come_before_it(capsys):
    this_run = suites.Run(quick=False, full=False)
    this_run.total.add(tally.Tally(passed=3, skipped=[("a", "no\nkernel")]))
    this_run.total.add(tally.Tally(passed=4))
    assert this_run.finish() == 0
    assert capsys.readouterr().out == "skipped a: no kernel\n7 passed, 0 failed, 1 skipped\n"
