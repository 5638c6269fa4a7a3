# SPDX-License-Identifier: Apache-2.0
"""The hosts file and resolv.conf change while it runs, in place as Docker does it or by rename: names follow at once.
Every answer here is good for ten minutes and would be used for one, so nothing but the change can be what is seen."""

import os

import pytest

from support.names import FIRST, PORT, SECOND, UPSTREAM_PORT, Names, link_to, reaches
from support.network import private_etc_folder
from support.peer import Peer, Service
from support.poll import eventually
from support.servers import Dnsmasq

LONG_TTL_S = 600
AT_ONCE_S = 20  # for a slow machine, and far less than the minute that the answer would be used for
OTHER_SERVER = "127.0.0.53"


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def dnsmasq(server, host):
    return server(Dnsmasq(on=host, records={"harbour.test": FIRST}, ttl_s=LONG_TTL_S))


@pytest.fixture
def services(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as first, host.call(Service, SECOND, UPSTREAM_PORT) as second:
        yield first, second


@pytest.fixture
def start(start_ambassador, host, dnsmasq):
    def start(prefix):
        return start_ambassador(prefix=[*host.prefix, *prefix], env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))
    return start


def test_a_hosts_file_that_is_rewritten_in_place_is_followed_at_once(start, host, services, tmp_path):
    first, second = services
    names = Names(tmp_path)
    near = start(names.prefix)
    eventually(lambda: reaches(host, first), "the server's answer is used")
    with host.call(Peer.connect, PORT) as consumer, first.accept() as old:
        names.hosts(f"{SECOND} harbour.test\n")
        moved = near.wait_event("moved", within=AT_ONCE_S)
        assert (moved["was"], moved["now"]) == (FIRST, SECOND)
        assert reaches(host, second)
        names.hosts("")
        near.wait_event("moved", within=AT_ONCE_S, now=FIRST)
        assert reaches(host, first)
        old.send(b"the old session stays")
        consumer.expect(b"the old session stays")
    assert near.failures() == []


@pytest.fixture
def etc(tmp_path):
    """A folder that is all of /etc, for files that are replaced."""
    Names(tmp_path)
    return tmp_path


def replace(folder, name, text):
    (folder / f"{name}.new").write_text(text)
    os.rename(folder / f"{name}.new", folder / name)


def test_a_hosts_file_that_is_replaced_by_rename_is_followed_at_once(start, host, services, etc):
    first, second = services
    near = start(private_etc_folder(etc))
    eventually(lambda: reaches(host, first), "the server's answer is used")
    for now, service in ((SECOND, second), (FIRST, first), (SECOND, second)):
        replace(etc, "hosts", f"127.0.0.1 localhost\n{now} harbour.test\n")
        eventually(lambda now=now: near.events("moved") and near.events("moved")[-1]["now"] == now, "followed",
                   within=AT_ONCE_S)
        assert reaches(host, service)


def test_a_resolv_conf_that_names_another_server_is_followed_at_once(start, server, host, services, tmp_path):
    first, second = services
    server(Dnsmasq(on=host, records={"harbour.test": SECOND}, ttl_s=LONG_TTL_S, host=OTHER_SERVER))
    names = Names(tmp_path)
    near = start(names.prefix)
    eventually(lambda: reaches(host, first), "the first server's answer is used")
    names.ask(OTHER_SERVER)
    near.wait_event("moved", within=AT_ONCE_S)
    assert reaches(host, second)


def test_a_resolv_conf_behind_a_link_that_is_turned_is_followed_at_once(start, server, host, services, etc):
    """As on a host with systemd-resolved: /etc/resolv.conf is a link to a file that another program replaces."""
    first, second = services
    server(Dnsmasq(on=host, records={"harbour.test": SECOND}, ttl_s=LONG_TTL_S, host=OTHER_SERVER))
    (etc / "run").mkdir()
    os.rename(etc / "resolv.conf", etc / "run/one.conf")
    (etc / "run/two.conf").write_text(f"nameserver {OTHER_SERVER}\n")
    os.symlink("run/one.conf", etc / "resolv.conf")
    near = start(private_etc_folder(etc))
    eventually(lambda: reaches(host, first), "the first server's answer is used")
    os.symlink("run/two.conf", etc / "resolv.conf.new")
    os.rename(etc / "resolv.conf.new", etc / "resolv.conf")
    near.wait_event("moved", within=AT_ONCE_S)
    assert reaches(host, second)
    replace(etc / "run", "two.conf", "nameserver 127.0.0.1\n")
    near.wait_event("moved", within=AT_ONCE_S, now=FIRST)
    assert reaches(host, first)


def test_the_next_session_sees_a_hosts_file_that_has_just_been_written(start, host, services, tmp_path):
    """A container has died, and Docker has written where its successor is: not even the first session is turned away."""
    first, second = services
    names = Names(tmp_path)
    near = start(names.prefix)
    eventually(lambda: reaches(host, first), "the server's answer is used")
    first.close()
    names.hosts(f"{SECOND} harbour.test\n")
    assert reaches(host, second)
    assert near.failures() == []


def test_files_that_cannot_be_watched_are_no_obstacle(start_ambassador, host, dnsmasq, services, tmp_path):
    """No inotify instance is left for this user: it says so once for each file, and looks by the clock."""
    first, second = services
    names = Names(tmp_path)
    limit = ["sh", "-c", 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', "sh"]
    near = start_ambassador(prefix=[*host.prefix, "unshare", "--user", "--map-root-user", *names.prefix, *limit],
                            env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}?max_ttl=1s"))
    assert {event["path"] for event in near.events("watch_failed")} == {"/etc/hosts", "/etc/resolv.conf"}
    eventually(lambda: reaches(host, first), "the server's answer is used")
    names.hosts(f"{SECOND} harbour.test\n")
    near.wait_event("moved", within=30)
    assert reaches(host, second)
