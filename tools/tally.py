# SPDX-License-Identifier: Apache-2.0
"""What tests reported, in the one shape that ./test sums: read from the JUnit files of ctest and pytest."""

import dataclasses
import pathlib
import re
import xml.etree.ElementTree as ElementTree

# The messages by which ctest says that the program itself asked to be skipped (GTEST_SKIP). Any other reason not to
# run, such as a program that was never built, is a failure.
CTEST_OWN_SKIPS = ("SKIP_REGULAR_EXPRESSION_MATCHED", "SKIP_RETURN_CODE=")
CTEST_ENDING = re.compile(r"^\s*\d+ - (.+) \(([^()]+)\)$", re.MULTILINE)

# One failed test's part in pytest's output, under a heading such as "_____ test_x[1] _____"; the next ruled line ends it.
PYTEST_SECTION = re.compile(r"^(?:_{3,} (.+?) _{3,}|={3,} .* ={3,})$", re.MULTILINE)
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
GTEST_REASON = re.compile(r": Skipped\n(.*?)\n\s*(?:\n|\[)", re.DOTALL)


@dataclasses.dataclass
class Tally:
    """Cases that passed, (name, what it said) of those that failed, (name, reason) of those that were skipped."""

    passed: int = 0
    failed: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)

    @property
    def ran(self):
        return self.passed + len(self.failed)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def counts(self):
        return f"{self.passed} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"


def read_ctest(path, said):
    """The cases in ctest's JUnit file; an absent or broken file raises OSError or ElementTree.ParseError. Whether a
    failed one crashed or ran out of time stands only in `said`, ctest's own output."""
    endings = dict(CTEST_ENDING.findall(said))
    tally = Tally()
    for case in ElementTree.parse(path).iter("testcase"):
        name, status = case.get("name"), case.get("status")
        output = case.findtext("system-out") or ""
        problem = next((case.find(tag).get("message") or "" for tag in ("skipped", "failure")
                        if case.find(tag) is not None), "")
        if status == "run":
            tally.passed += 1
        elif status == "disabled":
            tally.skipped.append((name, "disabled in its source"))
        elif problem.startswith(CTEST_OWN_SKIPS):
            reason = GTEST_REASON.search(output)
            tally.skipped.append((name, reason.group(1) if reason else "no reason given"))
        else:
            tally.failed.append((name, f"{output}\n{problem or endings.get(name, '')}"))
    return tally


def read_gtest(path, _said):
    """The cases in the file that a GoogleTest program writes at its end; there is none when it crashed. Parameters stand
    there as they are, whatever bytes they hold."""
    tally = Tally()
    text = pathlib.Path(path).read_bytes().decode("utf-8", "replace")
    for case in ElementTree.fromstring(NOT_IN_XML.sub("?", text)).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failures = case.findall("failure")
        if failures:
            tally.failed.append((name, "\n".join(failure.text or "" for failure in failures)))
        elif case.get("result") == "skipped":
            tally.skipped.append((name, case.find("skipped").get("message") or "no reason given"))
        elif case.get("status") == "notrun":
            tally.skipped.append((name, "disabled in its source"))
        else:
            tally.passed += 1
    return tally


def read_pytest(path, said):
    """The cases in pytest's JUnit file; what a failed one printed is in `said`, pytest's own output."""
    sections = PYTEST_SECTION.split(said)  # text before, then heading and text in turns
    printed = dict(zip(sections[1::2], sections[2::2]))
    tally = Tally()
    for case in ElementTree.parse(path).iter("testcase"):
        name = case.get("name")
        problems = case.findall("failure") + case.findall("error")
        skipped = case.find("skipped")
        if problems:
            shown = [text for heading, text in printed.items() if heading and heading.endswith(name)]
            tally.failed.append((f"{case.get('classname')}: {name}", "".join(shown) or problems[0].text or ""))
        elif skipped is not None:
            tally.skipped.append((f"{case.get('classname')}: {name}", skipped.get("message") or "no reason given"))
        else:
            tally.passed += 1
    return tally


def read_playwright(path, _said):
    """The cases in Playwright's JUnit file, whose failures hold all there is to say."""
    tally = Tally()
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}: {case.get('name')}"
        problems = case.findall("failure") + case.findall("error")
        skipped = case.find("skipped")
        if problems:
            tally.failed.append((name, "\n".join(problem.text or "" for problem in problems)))
        elif skipped is not None:
            tally.skipped.append((name, skipped.get("message") or "no reason given"))
        else:
            tally.passed += 1
    return tally
