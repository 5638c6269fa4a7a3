# SPDX-License-Identifier: Apache-2.0
"""Somebody else sits where a command looks for the ambassador: not a byte of the file or the password goes there."""

import contextlib
import os
import subprocess
import sys
import tempfile

import pytest

from support.ambassador import run_to_end
from support.network import skip_without_namespaces

EVE, SERVICE = 4711, 4712
SECRET = "hunter2-in-a-file"

# Sits at each of these places, says when it listens, and writes down whatever it hears.
SQUATTER = """
import os, select, socket, sys
os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
sockets = []
for place in sys.argv[2:]:
    one = socket.socket(socket.AF_UNIX)
    one.bind("\\0" + place[1:] if place.startswith("@") else place)
    if not place.startswith("@"):
        os.chmod(place, 0o666)
    one.listen(64)
    sockets.append(one)
print("listening", flush=True)
heard = b""
while True:
    ready, _, _ = select.select([*sockets, sys.stdin], [], [])
    if sys.stdin in ready:
        break
    for one in ready:
        connection, _ = one.accept()
        connection.settimeout(2)
        try:
            while more := connection.recv(65536):
                heard += more
                connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
        except OSError:
            pass
        connection.close()
print(heard.decode(errors="replace"))
"""


@pytest.fixture
def root_only():
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")


@contextlib.contextmanager
def squatter(uid, *places, prefix=()):
    """What it heard is in .heard afterwards."""
    process = subprocess.Popen([*prefix, sys.executable, "-c", SQUATTER, str(uid), *map(str, places)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.heard = None
    try:
        assert process.stdout.readline() == "listening\n"
        yield process
        process.heard = process.communicate("\n", timeout=20)[0].strip()
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def links_file(tmp_path):
    file = tmp_path / "links.toml"
    file.write_text(f'[links.redis]\nlisten = 6379\nupstream = "tcp://127.0.0.1:9"\nhealth = "redis"\n'
                    f'health_password = "{SECRET}"\n')
    file.chmod(0o600)
    return file


@pytest.fixture
def open_folder(tmp_path):
    """A folder that others reach, though they do not reach pytest's, and where only root can have made it."""
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        os.chmod(folder, 0o755)
        yield folder


COMMANDS = (["rewire", "redis", f"tcp://a:1?health=redis&health_password={SECRET}"], ["status"], ["reload"],
            ["healthcheck", "--ready"])


def check_that_nothing_is_said(place, uid, links_file, expected):
    with squatter(uid, place) as eve:
        for words in (*COMMANDS, ["check", str(links_file)]):
            outcome = run_to_end(*words, env={"AMBASSADOR_CONTROL": place})
            if words[0] == "check":
                assert "the ambassador that runs here" not in outcome.out, outcome
                continue
            assert outcome.code in (1, 69), outcome
            said = outcome.err + outcome.out
            assert place in said and f"uid {uid}" in said and "root" in said and expected in said, outcome
    assert eve.heard == ""


def test_root_gives_nothing_to_an_abstract_name(root_only, links_file):
    check_that_nothing_is_said(f"@ambassador-eve-{os.getpid()}", EVE, links_file, "anybody can have such a name")


def test_root_gives_nothing_to_a_place_that_others_can_make(root_only, links_file, open_folder):
    for mode in (0o777, 0o1777, 0o775):
        os.chmod(open_folder, mode)
        os.chown(open_folder, 0, EVE)
        check_that_nothing_is_said(f"{open_folder}/{mode:o}.sock", EVE, links_file, f"can change {open_folder}")


def test_root_gives_nothing_to_a_folder_that_another_user_made_first(root_only, links_file, open_folder):
    home = f"{open_folder}/ambassador-{SERVICE}"
    os.mkdir(home)
    os.chown(home, EVE, EVE)
    os.chmod(open_folder, 0o1777)
    check_that_nothing_is_said(f"{home}/control.sock", EVE, links_file, f"can change {open_folder}")


def test_root_finds_nobody_though_every_usual_place_is_taken(root_only, links_file):
    skip_without_namespaces()
    own_net = ["unshare", "--net"]
    names = ["@ambassador-control-0", *(f"@ambassador-control-0-{number}" for number in range(2, 10))]
    with squatter(EVE, *names, prefix=own_net) as eve:
        outcome = run_to_end("check", str(links_file), env={"AMBASSADOR_CONTROL": ""},
                             prefix=["nsenter", f"--target={eve.pid}", "--net"])
        assert outcome.code == 0 and "the ambassador that runs here" not in outcome.out, outcome
    assert eve.heard == ""


def test_a_user_gives_nothing_to_another_one(root_only, open_folder):
    os.chmod(open_folder, 0o1777)
    place = f"{open_folder}/control.sock"
    with squatter(EVE, place) as eve:
        outcome = run_to_end("status", "--control", place, prefix=["setpriv", f"--reuid={SERVICE}", "--clear-groups"])
        assert outcome.code == 69, outcome
        assert f"{place}: it is uid {EVE}, expected is uid {SERVICE} or root" in outcome.err, outcome
    assert eve.heard == ""


def test_root_talks_to_a_service_whose_folder_nobody_else_can_write(root_only, start_ambassador, service):
    """As systemd's RuntimeDirectory makes it."""
    skip_without_namespaces()
    folder = f"/run/ambassador-test-{os.getpid()}"
    os.mkdir(folder, 0o755)
    os.chown(folder, SERVICE, SERVICE)
    env = {"AMBASSADOR_CONTROL": f"{folder}/control.sock"}
    try:
        start_ambassador(env={"SVC_PORT_6379_TCP": "tcp://192.0.2.1:9", **env},
                         prefix=["unshare", "--net", "setpriv", f"--reuid={SERVICE}", f"--regid={SERVICE}", "--clear-groups"])
        assert run_to_end("status", env=env).code == 0
        os.chmod(folder, 0o1777)
        outcome = run_to_end("status", env=env)
        assert outcome.code == 69 and f"can change {folder}" in outcome.err, outcome
    finally:
        os.chmod(folder, 0o755)
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)
