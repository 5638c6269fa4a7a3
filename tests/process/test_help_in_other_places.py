# SPDX-License-Identifier: Apache-2.0
"""What --help lists is in the shells' completions and in the manual page, and these can be used."""

import re
import shutil
import subprocess

import pytest

from support.ambassador import BINARY, ROOT, environment, run_to_end
from support.ports import free_port

COMPLETIONS = ROOT / "packaging" / "completions"
MANUAL = ROOT / "packaging" / "man" / "ambassador.1"
PLACES = [COMPLETIONS / "ambassador.bash", COMPLETIONS / "_ambassador", COMPLETIONS / "ambassador.fish", MANUAL]


def text_of(place):
    return place.read_text(encoding="utf-8").replace("\\-", "-")


def commands():
    listed = run_to_end("--help").out.partition("Subcommands:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (\w+) ", listed, re.MULTILINE)


def options_of(*command):
    listed = run_to_end(*command, "--help").out.partition("Options:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (?:-\w,)?--([\w-]+)", listed, re.MULTILINE)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_command_and_option_is_there(place):
    text = text_of(place)
    assert len(commands()) > 10
    for command in commands():
        assert re.search(rf"\b{command}\b", text), f"{command} is not in {place}"
        for option in options_of(command):
            assert re.search(rf"(--|-l ){option}\b", text), f"--{option} of {command} is not in {place}"
    for option in options_of():
        assert re.search(rf"(--|-l ){option}\b", text), f"--{option} is not in {place}"


def test_the_manual_knows_every_setting_and_exit_code():
    text = text_of(MANUAL)
    settings = (ROOT / "src" / "wiring" / "settings.cc").read_text(encoding="utf-8")
    for name in re.findall(r'\{"(AMBASSADOR_\w+)", ', settings):
        assert f".B {name}\n" in text, f"{name} is not in the manual"
        assert name in run_to_end("--help").out, f"{name} is not in --help"
    codes = (ROOT / "src" / "app" / "exit_code.h").read_text(encoding="utf-8")
    for code in re.findall(r"kExit\w+ = (\d+);", codes):
        assert f".TP\n.B {code}\n" in text, f"exit code {code} is not in the manual"


def test_the_manual_is_well_formed():
    if not shutil.which("man"):
        pytest.skip("man is not installed")
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", str(MANUAL)], env={**environment(None), "MANWIDTH": "80"},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "rewire LINK" in " ".join(done.stdout.split())


def complete(shell_words, env=None):
    """What bash offers for the last of these words."""
    line = " ".join(shell_words)
    script = (f"source '{COMPLETIONS / 'ambassador.bash'}'; COMP_LINE='{line}'; COMP_POINT={len(line)}; "
              '_ambassador; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-euc", script], env=environment(env), capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.split()


def test_bash_offers_commands_options_and_values():
    assert complete([BINARY, "re"]) == ["rewire", "reload", "resume"]
    assert set(complete([BINARY, ""])) == set(commands())
    assert complete([BINARY, "status", "--w"]) == ["--watch"]
    assert complete([BINARY, "rewire", "redis", "tcp://a:1", "--existing", ""]) == ["keep", "cut", "drain=30s"]
    for command in commands():
        assert sorted(complete([BINARY, command, "--"])) == sorted(f"--{option}" for option in options_of(command)), command


def test_bash_offers_the_links_of_the_running_program(from_file, service):
    ambassador = from_file("".join(f'[links."{name}"]\nlisten = {free_port()}\nupstream = "{service.url}"\n'
                                   for name in ("redis", "redis.old", "db")))
    env = {"AMBASSADOR_CONTROL": ambassador.control.path}
    assert complete([BINARY, "rewire", "red"], env) == ["redis", "redis.old"]
    assert complete([BINARY, "drain", ""], env) == ["redis", "redis.old", "db"]
    assert complete([BINARY, "drain", ""]) == [], "nobody to ask"


def test_bash_offers_names_with_a_colon_as_it_wants_them(start_ambassador, tmp_path):
    env = {"AMBASSADOR_CONTROL": str(tmp_path / "c.sock")}
    ports = sorted(free_port() for _ in range(2))
    start_ambassador(env={**env, **{f"SVC_PORT_{port}_TCP": "tcp://127.0.0.1:9" for port in ports}})
    assert complete([BINARY, "drain", "svc:"], env) == [str(port) for port in ports], "what stands behind the colon"
    assert complete([BINARY, "rewire", "x", "--existing", "drain="]) == ["30s"]


def test_zsh_can_read_its_completion():
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    done = subprocess.run(["zsh", "-f", "-n", str(COMPLETIONS / "_ambassador")], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_fish_offers_commands_options_and_values(tmp_path):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    def offered(line):
        script = f"source '{COMPLETIONS / 'ambassador.fish'}'; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", script], env={**environment(None), "HOME": str(tmp_path)},
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return {one.split("\t")[0] for one in done.stdout.splitlines()}
    assert offered("ambassador re") == {"rewire", "reload", "resume"}
    assert offered("ambassador rewire x --existing ") >= {"keep", "cut", "drain=30s"}
    for command in commands():
        assert offered(f"ambassador {command} --") >= {f"--{option}" for option in options_of(command)}, command
