# SPDX-License-Identifier: Apache-2.0
"""Twice as much to read takes twice the instructions, whatever is read: counted by valgrind on the shipped program, so
that nothing depends on how fast this machine is. Comparing all with all would take four times as many."""

import functools
import re
import shutil
import subprocess

import pytest

from support.ambassador import BINARY, environment
from support.network import private_etc, skip_without_namespaces

pytestmark = pytest.mark.shipped  # valgrind runs no program that is built with AddressSanitizer

MOST_RATIO = 2.5


def file_of(count, link):
    """An input of `count` tables."""
    return {"file": "\n".join(f"[links.l{i}]\n{link(i)}" for i in range(count))}


def address(i):
    return f"10.{i // 65536}.{i // 256 % 256}.{i % 256}"


def links(count):
    return file_of(count, lambda i: f'listen = "127.{i // 250}.{i % 250 + 1}.1:80"\nupstream = "tcp://{address(i)}:80"')


def links_that_all_want_one_address(count):
    return file_of(count, lambda i: f'listen = 80\nupstream = "tcp://{address(i)}:80"')


def links_to_ourselves(count):
    return file_of(count, lambda i: f'listen = {i + 1000}\nupstream = "tcp://127.0.0.1:{i + 1000}"')


def wrong_targets_of_many_links(count):
    return file_of(count, lambda i: f'listen = {i + 1000}\nupstream = "{",".join(["/"] * 20)}"')


def misspelt_options(count):
    return file_of(1, lambda _: 'listen = 80\nupstream = "a"\n' + "\n".join(f"health_x{i} = 1" for i in range(count)))


def targets_of_an_array(count):
    return file_of(1, lambda _: f'listen = 80\nupstream = [{",".join(chr(34) * 2 for _ in range(count))}]')


def commas(count):
    return {"env": {"A_PORT_80_TCP": "," * count}}


def wrong_targets_of_one_link(count):
    return {"env": {"A_PORT_80_TCP": ",".join(["/"] * count)}}


def listening_addresses(count):
    return {"env": {"A_PORT_80_TCP": "a?" + "&".join(f"listen={address(i)}" for i in range(count))}}


def equals_signs(count):
    return {"env": {"A_PORT_80_TCP": "passw=" * count}}


def variables_of_one_link(count):
    return {"env": {f"A{i}_PORT_80_TCP": "tcp://10.0.0.1:80" for i in range(count)}}


def variables_that_the_arguments_replace(count):
    listens = [f"listen=127.{i // 250}.{i % 250 + 1}.1" for i in range(count)]
    return {"words": [f"L{i}_PORT_80_TCP=a?{listen}" for i, listen in enumerate(listens)],
            "env": {f"L{i}_PORT_80_TCP": f"a?{listen}" for i, listen in enumerate(listens)}}


def names_of_links(count):
    return {"env": {"AMBASSADOR_LINKS": ",".join(f"s{i}" for i in range(count)),
                    **{f"S{i}_PORT_{i + 1}_TCP": "a" for i in range(count)}}}


def unknown_settings(count):
    return {"env": {f"AMBASSADOR_ADMIN_HOST{i}": "1" for i in range(count)}}


def ports(count):
    return {"env": {"AMBASSADOR_PORTS": ",".join(str(i % 60000 + 1) for i in range(count))}}


def copied_names(count):
    return {"env": {"A" + "_ENV_" * count + "_PORT_80_TCP": "tcp://10.0.0.1:80"}}


def lines_of_one_host(count):
    return {"hosts": "".join(f"{address(i)}\tredis\n" for i in range(count))}


def hosts_with_ports_of_their_own(count):
    count = min(count, 1024)
    return {"hosts": "".join(f"{address(i)}\th{i}\n" for i in range(count)),
            "env": {"AMBASSADOR_PORTS": ",".join(f"h{i}:{i + 1}" for i in range(count))}}


INPUTS = [(links, 1000), (links_that_all_want_one_address, 1000), (links_to_ourselves, 1000),
          (wrong_targets_of_many_links, 400), (misspelt_options, 2000), (targets_of_an_array, 6000), (commas, 20000),
          (wrong_targets_of_one_link, 4000), (listening_addresses, 2000), (equals_signs, 5000),
          (variables_of_one_link, 2000), (variables_that_the_arguments_replace, 700), (names_of_links, 1000),
          (unknown_settings, 1000), (ports, 5000), (copied_names, 5000), (lines_of_one_host, 4000),
          (hosts_with_ports_of_their_own, 500)]


@functools.cache
def instructions_of_nothing():
    return count_instructions({}, None)


def count_instructions(given, folder):
    """Of a `check` from its begin to its end."""
    words, prefix = list(given.get("words", [])), []
    if "file" in given:
        (folder / "links.toml").write_text(given["file"])
        words = ["--config", str(folder / "links.toml"), *words]
    if "hosts" in given:
        (folder / "hosts").write_text(given["hosts"])
        prefix = private_etc(hosts=folder / "hosts")
    done = subprocess.run([*prefix, "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", BINARY, "check",
                           *words], env=environment(given.get("env")), capture_output=True, check=False, timeout=300)
    assert done.returncode in (0, 64), done.stderr[-2000:]
    return int(re.search(rb"Collected : (\d+)", done.stderr)[1])


@pytest.mark.slow
@pytest.mark.parametrize("make, count", INPUTS, ids=lambda given: getattr(given, "__name__", str(given)))
def test_twice_as_much_takes_twice_the_instructions(make, count, tmp_path):
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed")
    if "hosts" in make(1):
        skip_without_namespaces()
    once = count_instructions(make(count), tmp_path) - instructions_of_nothing()
    twice = count_instructions(make(2 * count), tmp_path) - instructions_of_nothing()
    assert twice < MOST_RATIO * once, f"{once:,} and {twice:,} instructions"
