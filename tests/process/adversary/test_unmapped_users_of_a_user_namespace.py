# SPDX-License-Identifier: Apache-2.0
"""In a user namespace every user whom it does not map looks like 65534, the image's own user: that uid proves nothing."""

import os
import subprocess

import pytest

from support.ambassador import run_to_end
from support.poll import eventually

OVERFLOW = 65534
LINK = {"SVC_PORT_6379_TCP": "tcp://127.0.0.1:9"}


@pytest.fixture
def namespace():
    """namespace(map): a process that keeps a user namespace with this map, a network, and no folder to write to."""
    if os.geteuid() != 0:
        pytest.skip("only root can map users as it likes")
    keepers = []

    def make(uid_map):
        script = "; ".join(f"mount -t tmpfs -o mode=755 none {folder}" for folder in ("/run", "/tmp"))
        keeper = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-ec", f"{script}; exec unshare --user sleep 600"])
        keepers.append(keeper)
        own = os.readlink("/proc/self/ns/user")
        eventually(lambda: os.readlink(f"/proc/{keeper.pid}/ns/user") != own, "a namespace of its own")
        for kind in ("uid", "gid"):
            with open(f"/proc/{keeper.pid}/{kind}_map", "w", encoding="ascii") as file:
                file.write(uid_map)
        return keeper

    yield make
    for keeper in keepers:
        keeper.kill()
        keeper.wait()


def inside(keeper, uid):
    return ["nsenter", f"--target={keeper.pid}", "--user", "--net", "--mount", f"--setuid={uid}", f"--setgid={uid}"]


# As rootless Docker and userns-remap do it: 65534 is a user of the namespace, and what all others look like.
REMAPPED = "0 100000 65536\n"
EVERYBODY = "0 0 4294967295\n"


def start_in(start_ambassador, keeper, uid):
    ambassador = start_ambassador(env={**LINK, "AMBASSADOR_CONTROL": ""}, prefix=inside(keeper, uid))
    name = f"@ambassador-control-{uid}"
    assert ambassador.wait_event("control")["address"] == name
    return ambassador, name


def rewire(prefix):
    return run_to_end("rewire", "svc", "tcp://127.0.0.1:10", "--force", env={"AMBASSADOR_CONTROL": ""}, prefix=prefix)


def raw(name, keeper, uid):
    """A rewire by a program that trusts whoever is there, from outside of the user namespace."""
    script = (f"import http.client, socket\n"
              f"s = socket.socket(socket.AF_UNIX); s.connect('\\0{name[1:]}')\n"
              "c = http.client.HTTPConnection('x'); c.sock = s\n"
              "c.request('POST', '/v1/drain', '{}', {'Content-Type': 'application/json'})\n"
              "a = c.getresponse(); print(a.status, a.read().decode())")
    prefix = ["nsenter", f"--target={keeper.pid}", "--net", "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return subprocess.run([*prefix, "/usr/bin/python3", "-c", script], capture_output=True, text=True, check=True).stdout


def test_the_overflow_uid_cannot_steer(namespace, start_ambassador):
    keeper = namespace(REMAPPED)
    ambassador, name = start_in(start_ambassador, keeper, OVERFLOW)
    said = raw(name, keeper, 1234)  # a user of the host; inside it looks like 65534, as the ambassador itself does
    assert said.startswith("403") and "may be any user of the host" in said
    assert ambassador.events("link_drained") == []


def test_nor_is_it_trusted_by_a_command(namespace, start_ambassador):
    keeper = namespace(REMAPPED)
    start_in(start_ambassador, keeper, OVERFLOW)
    outcome = rewire(inside(keeper, OVERFLOW))
    assert outcome.code == 69 and f"in this user namespace uid {OVERFLOW} may be any user of the host" in outcome.err, outcome
    outcome = run_to_end("healthcheck", env={"AMBASSADOR_CONTROL": ""}, prefix=inside(keeper, OVERFLOW))
    assert outcome.code == 0 and outcome.out.startswith("alive: process "), f"it is not replaced for that: {outcome}"


@pytest.mark.parametrize("uid", [0, 1000])
def test_the_namespaces_other_users_are_known(namespace, start_ambassador, uid):
    keeper = namespace(REMAPPED)
    ambassador, name = start_in(start_ambassador, keeper, uid)
    assert rewire(inside(keeper, uid)).code == 0
    ambassador.wait_event("rewired")
    assert raw(name, keeper, 1234).startswith("403")


def test_where_everybody_is_mapped_it_is_a_user_as_any(namespace, start_ambassador):
    keeper = namespace(EVERYBODY)
    ambassador, _ = start_in(start_ambassador, keeper, OVERFLOW)
    assert rewire(inside(keeper, OVERFLOW)).code == 0
    ambassador.wait_event("rewired")
