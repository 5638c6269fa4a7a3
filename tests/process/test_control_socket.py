# SPDX-License-Identifier: Apache-2.0
"""Where the control socket is, who may use it, and that nothing else is reachable: failure case 49 among others."""

import os
import pathlib
import signal
import socket
import stat
import subprocess

import pytest

from support.ambassador import BINARY, run_to_end
from support.api import Api
from support.network import skip_without_namespaces
from support.poll import eventually

NOBODY = 65534
LINK = {"SVC_PORT_6379_TCP": "tcp://127.0.0.1:9"}


@pytest.fixture
def root_only():
    if os.geteuid() != 0:
        pytest.skip("only root can make mounts and become another user")


def replacing(place, folder):
    """The mounts that put `folder` at `place`, with the program still in it should this checkout be below."""
    mounts = [f"mount --rbind {folder} {place}"]
    program = pathlib.Path(BINARY)
    if program.is_relative_to(place):
        kept = folder / program.parent.relative_to(place)
        kept.mkdir(parents=True)
        mounts.insert(0, f"mount --bind {program.parent} {kept}")
    return mounts


@pytest.fixture
def machine(root_only, tmp_path, start_ambassador):
    """machine(env, ...): an ambassador with a /run and a /tmp that are its own, and a network of its own."""
    skip_without_namespaces()
    made = []

    def start(*, env=None, uid=None, setup="", links=LINK, **options):
        folders = [tmp_path / f"{name}-{len(made)}" for name in ("run", "tmp")]
        for folder in folders:
            folder.mkdir()
            folder.chmod(0o1777)
        mounts = [mount for folder, place in zip(folders, ("/run", "/tmp")) for mount in replacing(place, folder)]
        script = " && ".join([*mounts, "ip link set lo up", setup or "true"]) + " && "
        script += "exec " + (f"setpriv --reuid={uid} --regid={uid} --clear-groups " if uid else "") + '"$@"'
        # An empty setting is none: the harness itself turns the socket off.
        ambassador = start_ambassador(env={**links, "AMBASSADOR_CONTROL": "", **(env or {})},
                                      prefix=["unshare", "--net", "--mount", "sh", "-ec", script, "sh"], **options)
        ambassador.run, ambassador.tmp = folders
        made.append(ambassador)
        return ambassador

    return start


def place_of(ambassador):
    return ambassador.wait_event("control")["address"]


def inside(ambassador, *words, prefix=(), env=None, within=20):
    """The program again, in the other's namespaces; as docker exec does it."""
    enter = ["nsenter", f"--target={ambassador.pid}", "--net", "--mount", *prefix]
    return run_to_end(*words, env={"AMBASSADOR_CONTROL": "", **(env or {})}, prefix=enter, within=within)


def as_user(uid):
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]


def test_it_is_where_everybody_looks_and_for_nobody_else(machine):
    ambassador = machine()
    assert place_of(ambassador) == "/run/ambassador/control.sock"
    path = ambassador.run / "ambassador" / "control.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    outcome = inside(ambassador, "status")
    assert outcome.code == 0 and "svc" in outcome.out, outcome
    ambassador.stop()
    assert not path.exists()


def test_nothing_else_listens(machine):
    ambassador = machine()
    listening = subprocess.run(["nsenter", f"--target={ambassador.pid}", "--net", "ss", "-Hlntu"], capture_output=True,
                               text=True, check=True).stdout
    assert {line.split()[4].rpartition(":")[2] for line in listening.splitlines()} == {"6379"}, listening


def test_another_user_is_not_let_in(machine):
    ambassador = machine(setup="mkdir -m 1777 /run/ambassador")
    path = ambassador.run / "ambassador" / "control.sock"
    outcome = inside(ambassador, "status", prefix=as_user(NOBODY))
    assert outcome.code == 69 and "Permission denied" in outcome.err, outcome
    path.chmod(0o666)  # somebody was generous: the program asks the kernel who it is
    outcome = inside(ambassador, "status", "--control", "/run/ambassador/control.sock", prefix=as_user(NOBODY))
    assert outcome.code == 69 and "for the user that the program runs as" in outcome.err, outcome


def test_root_is_let_in_and_so_is_its_own_user(machine):
    ambassador = machine(uid=NOBODY,
                         setup=f"chmod 755 /run && mkdir -m 700 /run/ambassador && chown {NOBODY} /run/ambassador")
    assert place_of(ambassador) == "/run/ambassador/control.sock"
    for prefix in ((), as_user(NOBODY)):
        outcome = inside(ambassador, "status", prefix=prefix)
        assert outcome.code == 0, outcome


def test_without_run_it_is_below_tmp(machine):
    ambassador = machine(uid=NOBODY, setup="chmod 755 /run")
    assert place_of(ambassador) == f"/tmp/ambassador-{NOBODY}/control.sock"
    outcome = inside(ambassador, "healthcheck", prefix=as_user(NOBODY))
    assert outcome.code == 0, outcome


def test_the_runtime_folder_of_a_user_comes_before_tmp(machine):
    ambassador = machine(uid=NOBODY, env={"XDG_RUNTIME_DIR": "/run/user/1"},
                         setup=f"chmod 755 /run && mkdir -p -m 755 /run/user/1 && chown {NOBODY} /run/user/1")
    assert place_of(ambassador) == "/run/user/1/ambassador/control.sock"
    outcome = inside(ambassador, "status", prefix=as_user(NOBODY), env={"XDG_RUNTIME_DIR": "/run/user/1"})
    assert outcome.code == 0, outcome


def test_where_nothing_can_be_written_it_needs_no_file(machine):
    """A container that is read-only, as user 65534."""
    ambassador = machine(uid=NOBODY, setup="chmod 755 /run /tmp")
    assert place_of(ambassador) == f"@ambassador-control-{NOBODY}"
    outcome = inside(ambassador, "rewire", "svc", "tcp://127.0.0.1:10", "--force", prefix=as_user(NOBODY))
    assert outcome.code == 0 and "tcp://127.0.0.1:9 -> tcp://127.0.0.1:10" in outcome.out, outcome
    ambassador.wait_event("rewired")


def test_without_a_file_another_user_or_container_is_not_let_in(machine):
    ambassador = machine(uid=NOBODY, setup="chmod 755 /run /tmp")
    name = f"@ambassador-control-{NOBODY}"
    outcome = inside(ambassador, "status", "--control", name, prefix=as_user(1234))
    assert outcome.code == 69 and f"it is uid {NOBODY}, expected is uid 1234 or root" in outcome.err, outcome
    # Beside it in its network, of the same user, but in a PID namespace of its own, as another container of a pod.
    apart = ["unshare", "--pid", "--fork", *as_user(NOBODY)]
    outcome = inside(ambassador, "status", prefix=apart)
    assert outcome.code == 69, f"it must not believe what it cannot see: {outcome}"


def test_a_second_program_finds_a_place_beside_the_first(machine, start_ambassador):
    first = machine()
    second = start_ambassador(env={"SVC_PORT_6380_TCP": "tcp://127.0.0.1:9", "AMBASSADOR_CONTROL": ""},
                              prefix=["nsenter", f"--target={first.pid}", "--net", "--mount"])
    assert place_of(second) == "/run/ambassador/control-2.sock"
    outcome = inside(first, "status", "--json")
    assert outcome.code == 0 and f'"pid":{first.pid},' in outcome.out, outcome
    outcome = inside(first, "status", "--json", "--control", "/run/ambassador/control-2.sock")
    assert outcome.code == 0 and f'"pid":{second.pid},' in outcome.out, outcome


def test_a_dead_programs_socket_is_taken_over(machine, start_ambassador):
    first = machine()
    path = first.run / "ambassador" / "control.sock"
    keeper = subprocess.Popen(["nsenter", f"--target={first.pid}", "--net", "--mount", "sleep", "60"])
    try:
        eventually(lambda: os.readlink(f"/proc/{keeper.pid}/exe").endswith("/sleep"), "somebody who keeps the namespaces")
        first.expect_exit = -signal.SIGKILL
        first.kill()
        assert path.exists()
        again = start_ambassador(env={**LINK, "AMBASSADOR_CONTROL": ""},
                                 prefix=["nsenter", f"--target={keeper.pid}", "--net", "--mount"])
        assert place_of(again) == "/run/ambassador/control.sock"
        assert inside(again, "status").code == 0
    finally:
        keeper.kill()
        keeper.wait()


def test_it_is_where_it_was_told_to_be_or_nowhere(relay_to, service, tmp_path):
    place = tmp_path / "mine.sock"
    first = relay_to(service.url, env={"AMBASSADOR_CONTROL": str(place)})
    assert place_of(first) == str(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    second = run_to_end(env={"SVC_PORT_1_TCP": service.url, "AMBASSADOR_CONTROL": str(place)})
    assert second.code == 64, second
    assert second.records.of("cannot_start")[0]["error"] == f"cannot listen on {place}: Address already in use"
    assert Api(place).get("/v1/live") == {"is_live": True}


def test_it_can_be_left_out(relay_to, service):
    ambassador = relay_to(service.url, env={"AMBASSADOR_CONTROL": "none"})
    unix = [line for line in open(f"/proc/{ambassador.pid}/net/unix", encoding="ascii", errors="replace")
            if line.split()[6] in _sockets(ambassador.pid)]
    assert unix == []
    for words in (["status"], ["wait"], ["rewire", "svc", "tcp://a:1"]):
        outcome = run_to_end(*words, env={"AMBASSADOR_CONTROL": "none"})
        assert outcome.code == 69 and "AMBASSADOR_CONTROL=none" in outcome.err, outcome


def _sockets(pid):
    links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def test_what_it_cannot_be_is_a_problem_before_anything_opens():
    for place in ("relative.sock", "/tmp/", "/" + "x" * 120):
        outcome = run_to_end(env={**LINK, "AMBASSADOR_CONTROL": place})
        assert outcome.code == 64, outcome
        assert [record["from"] for record in outcome.records.of("wiring_problem")] == ["variable AMBASSADOR_CONTROL"]


def test_the_program_goes_on_while_askers_come_and_go_badly(relay_to, service, tmp_path):
    place = tmp_path / "c.sock"
    ambassador = relay_to(service.url, env={"AMBASSADOR_CONTROL": str(place)})
    for data in (b"", b"\0" * 10000, b"GET", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"POST /v1/plan HTTP/1.1\r\nContent-Le"):
        for _ in range(20):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.connect(str(place))
                sock.sendall(data)
    assert Api(place).get("/v1/live") == {"is_live": True}
    eventually(ambassador.alive, "the program")
