# SPDX-License-Identifier: Apache-2.0
"""As PID 1 of a namespace, which is what a container's main process is: signals have no default action there, and
orphans of others become its children. Without Docker, by unshare."""

import os
import signal
import subprocess

from support.ambassador import PATH
from support.network import needs_namespaces
from support.peer import Peer, echo
from support.poll import eventually

pytestmark = needs_namespaces()
IN_A_PID_NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def start_as_process_1(relay_to, service):
    """The process we start is unshare; its only child is the ambassador, which has the number 1 inside."""
    outer = relay_to(service.url, prefix=IN_A_PID_NAMESPACE, settles=False)
    return outer, eventually(lambda: children(outer.pid), "the ambassador inside")[0]


def test_term_stops_process_1(relay_to, service):
    outer, inner = start_as_process_1(relay_to, service.serve(echo))
    with Peer.connect(outer.port) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")
    os.kill(inner, signal.SIGTERM)
    assert outer.wait_exit(within=10) == 0
    assert outer.events("stopped")


def test_orphans_of_others_are_reaped(relay_to, service):
    outer, inner = start_as_process_1(relay_to, service)
    # What `docker exec` does: enter the namespace, start something in the background, and leave it behind.
    subprocess.run(["nsenter", "--target", str(inner), "--pid", "sh", "-c",
                    "for i in 1 2 3 4 5; do (sleep 0.2 & ); done"], env={"PATH": PATH}, check=True, timeout=30)
    eventually(lambda: children(inner), "the orphans have become its children", every=0.001)
    eventually(lambda: not children(inner), lambda: f"reaped; left: {[state(c) for c in children(inner)]}")
    os.kill(inner, signal.SIGTERM)
    assert outer.wait_exit(within=10) == 0
