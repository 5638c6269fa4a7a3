# SPDX-License-Identifier: Apache-2.0
"""The suites of ./test: builds what each needs, runs it, shows what failed, and sums all in one last line."""

import argparse
import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import tally
from tally import Tally

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "test"
SUITES = ("checks", "unit", "behaviour", "sim", "faults", "tsan", "process", "page")
STEP_LIMIT_S = 40 * 60
ENDING_LIMIT_S = 20
SHOWN_LINES = 60
UNIT_SHARDS = 4
SANITIZERS = {
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    # Tests in a child start threads there, while one that waits for slow work may still be ending in the parent.
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:die_after_fork=0",
}


def end(process):
    """Interrupted first, so that pytest cleans up after itself and ninja ends its compilers."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            try:
                process.wait(ENDING_LIMIT_S)
            except subprocess.TimeoutExpired:
                continue


def run(command, log, extra_environment=None, folder=ROOT):
    """Its exit status; output goes to `log`. At its time limit it is ended with all that it started."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, **(extra_environment or {})}, start_new_session=True)
        try:
            return process.wait(STEP_LIMIT_S)
        except subprocess.TimeoutExpired:
            output.write(f"\nended after {STEP_LIMIT_S} s\n".encode())
            return -signal.SIGKILL
        finally:
            end(process)


def whole(name, status, log):
    """A step that passes or fails as one."""
    said = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
    return Tally(passed=1) if status == 0 else Tally(failed=[(name, said)])


def of_cases(name, status, log, junit, read):
    """A step that reports its cases; a runner that went wrong beyond them, or found none, has failed itself."""
    said = pathlib.Path(log).read_text(encoding="utf-8", errors="replace")
    try:
        found = read(junit, said)
    except (OSError, ElementTree.ParseError) as error:
        return Tally(failed=[(name, f"{said}\nno report: {error}")])
    if found.ran + len(found.skipped) == 0:
        found.failed.append((name, f"{said}\nnot one test was found"))
    elif status != 0 and not found.failed:
        found.failed.append((f"{name} ended with status {status}", said))
    return found


def file_name(step):
    return step.replace(" ", "-").replace("/", "-")


class Run:
    """One run of ./test."""

    def __init__(self, quick, full):
        self.quick = quick
        self.full = full
        self.total = Tally()
        self.built = {}
        # A sanitizer of GCC 12 may not find its place in memory when the kernel scatters it widely.
        steady = subprocess.run(["setarch", "-R", "true"], capture_output=True, check=False).returncode == 0
        self.steadily = ["setarch", "-R"] if steady else []

    def step(self, name, work):
        """Does work(log), which gives a Tally, reports it in a line and adds it to the sum."""
        log = LOGS / f"{file_name(name)}.log"
        print(f"{name} ...", flush=True)
        start = time.monotonic()
        result = work(log)
        outcome = result.counts() if result.ran + len(result.skipped) else "done"
        print(f"{name}: {outcome} in {time.monotonic() - start:.1f} s", flush=True)
        for case, said in result.failed:
            lines = said.strip().splitlines()
            print(f"  FAILED {case}")
            if len(lines) > SHOWN_LINES:
                print(f"    | ... {len(lines) - SHOWN_LINES} lines more in {log.relative_to(ROOT)}")
            print("".join(f"    | {line}\n" for line in lines[-SHOWN_LINES:]), end="", flush=True)
        self.total.add(result)
        return not result.failed

    def build(self, preset):
        """Whether it is there. A build is no test: it counts only when it fails."""
        def work(log):
            return Tally(failed=whole(preset, run(["tools/build", preset], log), log).failed)

        if preset not in self.built:
            self.built[preset] = self.step(f"build {preset}", work)
        return self.built[preset]

    def ctest(self, name, preset, label, environment=None):
        junit = LOGS / f"{name}.xml"
        junit.unlink(missing_ok=True)
        command = [*self.steadily, "ctest", "--test-dir", f"build/{preset}", "--label-regex", f"^{label}$",
                   "--parallel", str(len(os.sched_getaffinity(0))), "--timeout", "120", "--output-on-failure",
                   "--no-tests=error", "--output-junit", str(junit)]
        environment = {**SANITIZERS, **(environment or {})}
        self.step(name, lambda log: of_cases(name, run(command, log, environment), log, junit, tally.read_ctest))

    def programs(self, name, preset):
        """The unit tests, each program as a few processes, as some wait for seconds: one for each case costs more than
        most cases."""
        def one(program, shard):
            part = f"{name}/{program.stem}/{shard}"
            log, junit = LOGS / f"{file_name(part)}.log", LOGS / f"{file_name(part)}.xml"
            junit.unlink(missing_ok=True)
            command = [*self.steadily, str(program), f"--gtest_output=xml:{junit}"]
            environment = {**SANITIZERS, "GTEST_TOTAL_SHARDS": str(UNIT_SHARDS), "GTEST_SHARD_INDEX": str(shard)}
            return of_cases(part, run(command, log, environment), log, junit, tally.read_gtest)

        def work(_log):
            total = Tally()
            programs = sorted((ROOT / "build" / preset / "tests" / "unit").glob("*/unit_*_tests"))
            parts = [(program, shard) for program in programs for shard in range(UNIT_SHARDS)]
            with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0)) + 1) as pool:
                for part in pool.map(one, *zip(*parts)):
                    total.add(part)
            return total

        self.step(name, work)

    def pytest(self, name, folder, *options, environment=None):
        junit = LOGS / f"{file_name(name)}.xml"
        junit.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", folder, f"--junitxml={junit}", *options]
        self.step(name, lambda log: of_cases(name, run(command, log, environment), log, junit,
                                            tally.read_pytest))

    def checks(self):
        for check in sorted(ROOT.glob("tools/check_*")):
            name = f"tools/{check.name}"
            self.step(name, lambda log, name=name: whole(name, run([name], log), log))
        self.pytest("tests/tools", "tests/tools", "-m", "" if self.full else "not minutes")

    def unit(self):
        if self.build("dev"):
            self.programs("unit", "dev")

    def behaviour(self):
        if self.build("dev"):
            self.ctest("behaviour", "dev", "behaviour")

    def sim(self):
        if self.build("dev"):
            self.ctest("sim", "dev", "sim", {"AMB_SIM_SCHEDULES": "50000"} if self.quick else None)

    def faults(self):
        if self.build("dev"):
            self.ctest("faults", "dev", "faults", {"AMB_FAULTS": "whole"} if self.full else None)

    def tsan(self):
        if self.build("tsan"):
            self.programs("tsan unit", "tsan")
            self.ctest("tsan", "tsan", "tsan")

    def process(self):
        # They mostly wait for something, so more of them than there are cores; one engine is enough for all of Docker's.
        cores = len(os.sched_getaffinity(0))
        several = ["-n", str(2 * cores if self.quick else cores + 1), "--dist", "loadfile"]
        if self.build("release"):
            self.pytest("process", "tests/process", "-m", "not docker" if self.full else "not docker and not minutes", *several)
            if not self.quick:
                self.pytest("docker", "tests/process/docker", "-m", "docker")
        # The same again on the program with its sanitizers in, as far as they bear it.
        if self.full and self.build("dev"):
            self.pytest("process with sanitizers", "tests/process", "-m", "not docker and not minutes and not strace and not shipped", *several,
                        environment={**SANITIZERS, "AMBASSADOR_BINARY": str(ROOT / "build" / "dev" / "ambassador")})

    def page(self):
        """The page of the program in a real browser; Playwright's report is JUnit as pytest's is, but for its messages."""
        if not self.build("release"):
            return
        junit = LOGS / "page.xml"
        junit.unlink(missing_ok=True)
        command = ["npx", "--no-install", "playwright", "test"]
        self.step("page", lambda log: of_cases("page", run(command, log, {"PAGE_JUNIT": str(junit)}, ROOT / "tests" / "page"), log, junit,
                                               tally.read_playwright))

    def finish(self):
        """Skipped tests with their reasons, then the one line that counts; the exit status."""
        for case, reason in self.total.skipped:
            print(f"skipped {case}: {' '.join(reason.split())}")
        if self.total.ran == 0:
            print("nothing ran")
        print(self.total.counts(), flush=True)
        return 1 if self.total.failed or self.total.ran == 0 else 0


def main():
    parser = argparse.ArgumentParser(prog="./test", description="Sets up, builds and tests.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"{', '.join(SUITES)}; all of them when none is named")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true", help="without ThreadSanitizer, Docker and the browser")
    how.add_argument("--full", action="store_true", help="with the tests that take minutes, and the program with sanitizers")
    arguments = parser.parse_args()
    unknown = set(arguments.suites) - set(SUITES)
    if unknown:
        parser.error(f"there is no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")

    LOGS.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    wanted = arguments.suites or [suite for suite in SUITES if not (arguments.quick and suite in ("tsan", "page"))]
    this_run = Run(arguments.quick, arguments.full)
    try:
        for suite in SUITES:
            if suite in wanted:
                getattr(this_run, suite)()
    except KeyboardInterrupt:
        print(this_run.total.counts() + ", then interrupted")
        sys.exit(130)
    sys.exit(this_run.finish())


if __name__ == "__main__":
    main()
