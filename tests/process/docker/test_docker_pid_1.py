# SPDX-License-Identifier: Apache-2.0
"""PID 1 of a container is everybody's heir: an orphan becomes its child, and only it can bury one."""

import os
import signal

from support.poll import eventually


def children(pid):
    """{pid: state letter} of all processes whose parent this is."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid:
            found[int(entry)] = state
    return found


def test_an_orphan_of_docker_exec_is_buried_when_it_dies(provider):
    ambassador = provider.run("run -d -e SVC_PORT_80_TCP=tcp://192.0.2.1:80 ambassador-with-tools").wait_ready()
    provider.docker(["exec", ambassador.name, "/bin/busybox", "sh", "-c", "(/bin/busybox sleep 600 &)"])
    (orphan,) = eventually(lambda: children(ambassador.pid), "an orphan became a child of PID 1")
    os.kill(orphan, signal.SIGKILL)
    eventually(lambda: not children(ambassador.pid), lambda: f"no zombie left of {children(ambassador.pid)}")
    assert ambassador.is_running


def test_many_orphans_dying_together_leave_no_zombie(provider):
    ambassador = provider.run("run -d -e SVC_PORT_80_TCP=tcp://192.0.2.1:80 ambassador-with-tools").wait_ready()
    sleeping = "for i in $(/bin/busybox seq 50); do (/bin/busybox sleep 600 &); done"
    provider.docker(["exec", ambassador.name, "/bin/busybox", "sh", "-c", sleeping])
    eventually(lambda: len(children(ambassador.pid)) == 50, "fifty orphans became children of PID 1")
    for orphan in children(ambassador.pid):
        os.kill(orphan, signal.SIGKILL)
    eventually(lambda: not children(ambassador.pid), lambda: f"no zombie left of {children(ambassador.pid)}")
    assert ambassador.is_running


def test_hangup_and_a_broken_pipe_do_not_end_it(provider):
    ambassador = provider.run("run -d -e SVC_PORT_80_TCP=tcp://192.0.2.1:80 ambassador").wait_ready()
    for name in ("HUP", "PIPE", "USR1", "USR2"):
        provider.docker(f"kill --signal {name} {ambassador.name}")
    provider.docker(f"stop {ambassador.name}")
    assert ambassador.exit_code == 0
