# SPDX-License-Identifier: Apache-2.0
"""The shipped program is hardened against what a bug of it could be used for; all of it is read off the file itself."""

import platform
import re
import subprocess

import pytest

from support.ambassador import BINARY

pytestmark = pytest.mark.shipped


def readelf(*words):
    return subprocess.run(["readelf", "-W", *words, BINARY], capture_output=True, text=True, check=True).stdout


def test_it_is_a_static_program_at_an_address_that_nobody_knows():
    assert "DYN (Position-Independent Executable file)" in readelf("-h")
    assert "INTERP" not in readelf("-l"), "it needs no loader"
    assert "NEEDED" not in readelf("-d")
    assert re.search(r"FLAGS_1.*\bPIE\b", readelf("-d"))


def test_what_was_relocated_is_read_only():
    assert "GNU_RELRO" in readelf("-l")
    assert re.search(r"FLAGS_1.*\bNOW\b", readelf("-d")), "all at the start, so that nothing stays writeable for later"
    assert "TEXTREL" not in readelf("-d")


def test_nothing_is_writeable_and_executable():
    flags = re.findall(r"^ +\S+ +0x\S+ 0x\S+ 0x\S+ 0x\S+ 0x\S+ ([RWE ]{3})", readelf("-l"), re.MULTILINE)
    assert flags and not [one for one in flags if "W" in one and "E" in one], flags
    assert re.search(r"GNU_STACK.* RW ", readelf("-l"))


def test_the_compiler_guarded_stacks_calls_of_libc_and_jumps():
    told = readelf("-p", ".ambassador")
    for guard in ("pie", "stack-protector-strong", "fortify-source", "control-flow-protection"):
        assert guard in told, told


@pytest.mark.skipif(platform.machine() != "x86_64", reason="endbr64 is of x86-64")
def test_the_guards_are_in_the_code():
    """Without them there were 2,027 landing pads and 4,185 looks at the canary, those of Debian's archives."""
    code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", BINARY], capture_output=True, text=True, check=True).stdout
    assert code.count("endbr64") > 4000
    assert code.count("%fs:0x28") > 5000
