# SPDX-License-Identifier: Apache-2.0
"""A file that the program reads becomes something else while it runs: it says so, goes on, and still obeys."""

import contextlib
import os
import signal
import subprocess

import pytest

from support.network import needs_namespaces, private_etc_folder
from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port
from support.silent_disk import SilentDisk

LONG_S = 25  # longer than it waits for a disk


def link(port, url):
    return f'[links.svc]\nlisten = {port}\nupstream = "{url}"\n'


def exchange(peer, text):
    peer.send(text)
    peer.expect(text)


def a_fifo(path):
    os.mkfifo(path)


def a_folder(path):
    path.mkdir()


def a_terminal(path):
    path.symlink_to("/dev/ptmx")


def the_kernels_log(path):
    path.symlink_to("/proc/kmsg")


@pytest.mark.parametrize("put", [a_fifo, a_folder, a_terminal, the_kernels_log])
def test_the_file_of_links_is_told_as_a_problem_and_sessions_go_on(from_file, service, put):
    port = free_port()
    near = from_file(link(port, service.serve(echo).url))
    with Peer.connect(port) as consumer:
        exchange(consumer, b"before")
        near.file.unlink()
        put(near.file)
        near.signal(signal.SIGHUP)
        near.wait_event("wiring_rejected", cause="SIGHUP")
        assert near.wait_event("wiring_problem", **{"from": str(near.file)})["problem"].startswith("the file of links")
        assert near.control.get("/v1/live") == {"is_live": True}
        exchange(consumer, b"after")
    near.note_baseline()


@pytest.mark.parametrize("put", [a_fifo, a_folder])
def test_term_ends_it(from_file, service, put):
    near = from_file(link(free_port(), service.url))
    near.file.unlink()
    put(near.file)
    near.signal(signal.SIGHUP)
    near.signal(signal.SIGTERM)
    assert near.wait_exit() == 0


def linked(port, url):
    """As Docker's variables have it, whose alias is looked for in the hosts file."""
    return {"SVC_NAME": "/me/svc", f"SVC_PORT_{port}_TCP": url}


@needs_namespaces()
@pytest.mark.parametrize("put", [a_fifo, a_folder])
def test_a_hosts_file_that_cannot_be_read_fails_a_reload_and_no_session(start_ambassador, service, tmp_path, put):
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    (tmp_path / "resolv.conf").write_text("")
    port = free_port()
    near = start_ambassador(env=linked(port, service.serve(echo).url), prefix=private_etc_folder(tmp_path))
    with Peer.connect(port) as consumer:
        exchange(consumer, b"before")
        (tmp_path / "hosts").unlink()
        put(tmp_path / "hosts")
        near.signal(signal.SIGHUP)
        near.wait_event("wiring_rejected", cause="SIGHUP")
        assert "hosts file cannot be read" in near.events("wiring_problem")[0]["problem"]
        exchange(consumer, b"after")
        (tmp_path / "hosts").rmdir() if put is a_folder else (tmp_path / "hosts").unlink()


@needs_namespaces()
@pytest.mark.slow
def test_a_disk_that_does_not_answer_is_a_problem_of_the_reload_alone(start_ambassador, service, tmp_path):
    port = free_port()
    disk = SilentDisk(tmp_path / "disk", link(port, service.serve(echo).url))
    try:
        near = start_ambassador("--config", str(disk.path))
        with Peer.connect(port) as consumer:
            exchange(consumer, b"before")
            disk.silence()
            near.signal(signal.SIGHUP)
            exchange(consumer, b"meanwhile")
            near.wait_event("wiring_rejected", within=LONG_S, cause="SIGHUP")
            assert "did not end within" in near.events("wiring_problem")[0]["problem"]
            exchange(consumer, b"after")
        near.signal(signal.SIGHUP)  # it is caught again
        near.signal(signal.SIGTERM)
        assert near.wait_exit() == 0
    finally:
        disk.close()


@needs_namespaces()
@pytest.mark.slow
def test_term_ends_a_program_whose_control_thread_is_stuck(start_ambassador, tmp_path):
    disk = SilentDisk(tmp_path / "disk", "nameserver 127.0.0.1\n")
    bind = ["unshare", "--mount", "sh", "-c", f'mount --bind {disk.path} /etc/resolv.conf && exec "$@"', "sh"]
    port = free_port()
    try:
        near = start_ambassador(env={f"SVC_PORT_{port}_TCP": "tcp://nobody.test:80"}, prefix=bind, expect_exit=3)
        disk.silence()
        eventually(lambda: _waits_in_the_kernel(near, port), "a look-up reads resolv.conf")
        near.signal(signal.SIGTERM)
        assert near.wait_exit() == 3
        assert near.events("stuck")
    finally:
        disk.close()


def _waits_in_the_kernel(near, port):
    with contextlib.suppress(OSError):
        Peer.connect(port).close()  # its name is looked up
    with open(f"/proc/{near.pid}/task/{near.pid}/stack") as stack:
        return "request_wait_answer" in stack.read()


@needs_namespaces()
def test_a_file_that_comes_to_the_standard_place_is_followed(start_ambassador, service, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hosts").write_text("127.0.0.1 localhost\n")
    port, more = free_port(), free_port()
    near = start_ambassador(env={f"SVC_PORT_{port}_TCP": service.serve(echo).url},
                            prefix=private_etc_folder(tmp_path / "etc"))
    (tmp_path / "etc/ambassador.toml").write_text(f'[links.more]\nlisten = {more}\nupstream = "{service.url}"\n')
    near.wait_event("wiring_changed", cause="file")
    with Peer.connect(more) as consumer:
        exchange(consumer, b"by the file")
    near.note_baseline()


@needs_namespaces()
def test_a_folder_that_is_mounted_over_the_files_own_is_followed(start_ambassador, service, tmp_path):
    ports = free_port(), free_port()
    service.serve(echo)
    for name, port in zip(("old", "new"), ports):
        (tmp_path / name).mkdir()
        (tmp_path / name / "links.toml").write_text(link(port, service.url))
    near = start_ambassador("--config", str(tmp_path / "old/links.toml"),
                            prefix=["unshare", "--mount", "--propagation", "private"])
    subprocess.run(["nsenter", "--target", str(near.pid), "--mount", "mount", "--bind", str(tmp_path / "new"),
                    str(tmp_path / "old")], check=True, timeout=20)
    near.wait_event("wiring_changed", cause="file")
    with Peer.connect(ports[1]) as consumer:
        exchange(consumer, b"by the new file")
    near.note_baseline()


def test_a_folder_above_the_file_that_is_replaced_is_followed(start_ambassador, service, tmp_path):
    ports = free_port(), free_port()
    service.serve(echo)
    for name, port in zip(("conf", "next"), ports):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep/links.toml").write_text(link(port, service.url))
    near = start_ambassador("--config", str(tmp_path / "conf/deep/links.toml"))
    (tmp_path / "conf").rename(tmp_path / "former")
    (tmp_path / "next").rename(tmp_path / "conf")
    near.wait_event("wiring_changed", cause="file")
    with Peer.connect(ports[1]) as consumer:
        exchange(consumer, b"by the new file")
    near.note_baseline()
