# SPDX-License-Identifier: Apache-2.0
"""A listen address that is taken, privileged or not local ends the start: exit 64, a message that names the variable
and the address, and nothing was accepted anywhere, not even on the addresses that were free."""

import os
import tempfile

import pytest

from support.ambassador import run_to_end
from support.peer import Peer, Service, echo
from support.ports import free_port

AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]


def refuses(variable, value, prefix=()):
    """The whole start is refused because of one variable among two."""
    with Service() as good:
        good.serve(echo)
        free = free_port()
        outcome = run_to_end(env={f"AAA_PORT_{free}_TCP": good.url, variable: value}, prefix=prefix)
        assert outcome.code == 64, outcome
        assert variable in outcome.err, outcome
        assert outcome.records.of("listen_failed"), outcome
        assert not outcome.records.of("ready"), outcome
        with pytest.raises(ConnectionRefusedError):
            Peer.connect(free)
    return outcome


def test_a_taken_port_is_refused():
    with Service() as other:
        outcome = refuses(f"BBB_PORT_{other.port}_TCP", "tcp://127.0.0.1:1")
        assert str(other.port) in outcome.records.of("listen_failed")[0]["address"]


def test_a_port_taken_on_ipv6_alone_is_refused():
    with Service(host="::1") as other:
        refuses(f"BBB_PORT_{other.port}_TCP", "tcp://127.0.0.1:1")


def test_a_port_taken_by_another_ambassador_is_refused_and_not_shared(relay_to, service):
    """Both would set SO_REUSEPORT; the kernel must not spread consumers over the two."""
    service.serve(echo)
    first = relay_to(service.url)
    outcome = run_to_end(env={f"BBB_PORT_{first.port}_TCP": "tcp://127.0.0.1:1"})
    assert outcome.code == 64, outcome
    assert f"BBB_PORT_{first.port}_TCP" in outcome.err
    for _ in range(50):
        with Peer.connect(first.port) as peer:
            peer.send(b"x")
            peer.expect(b"x")
    assert first.failures() == []


def test_a_port_that_the_first_ambassador_just_left_is_free_again(relay_to, start_ambassador, service):
    """TIME_WAIT of old sessions does not keep the next one out."""
    first = relay_to(service.url)
    with Peer.connect(first.port) as consumer:
        service.accept().close()  # the service ends first, so the ambassador's own port is left in TIME_WAIT
        consumer.expect_fin()
    first.stop()
    again = start_ambassador(env={f"SVC_PORT_{first.port}_TCP": service.url})
    Peer.connect(first.port).close()
    assert again.failures() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.skipif(int(open("/proc/sys/net/ipv4/ip_unprivileged_port_start").read()) < 81,
                    reason="this host lets anyone listen below 1024")
def test_a_privileged_port_is_refused_to_nobody():
    outcome = refuses("BBB_PORT_80_TCP", "tcp://127.0.0.1:1", prefix=AS_NOBODY)
    assert ":80" in outcome.records.of("listen_failed")[0]["address"]


def test_an_address_that_is_not_local_is_refused():
    outcome = refuses(f"BBB_PORT_{free_port()}_TCP", "tcp://127.0.0.1:1?listen=192.0.2.1")
    assert "192.0.2.1" in outcome.records.of("listen_failed")[0]["address"]


def test_a_path_in_a_folder_that_is_not_there_is_refused(tmp_path):
    outcome = refuses(f"BBB_PORT_{free_port()}_TCP", f"tcp://127.0.0.1:1?listen=unix://{tmp_path}/missing/x")
    assert f"folder {tmp_path}/missing" in outcome.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_a_path_in_a_folder_of_another_user_is_refused():
    outcome = refuses(f"BBB_PORT_{free_port()}_TCP", "tcp://127.0.0.1:1?listen=unix:///var/x.sock", prefix=AS_NOBODY)
    assert "folder /var" in outcome.err


@pytest.mark.parametrize("option", ["owner=nobody-by-this-name", "group=nobody-by-this-name"])
def test_a_path_for_a_user_or_group_that_nobody_knows_is_refused(tmp_path, option):
    outcome = refuses(f"BBB_PORT_{free_port()}_TCP", f"tcp://127.0.0.1:1?listen=unix://{tmp_path}/x&{option}")
    assert "nobody-by-this-name" in outcome.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_a_path_that_we_may_not_give_away_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 65534, 65534)
        outcome = refuses(f"BBB_PORT_{free_port()}_TCP", f"tcp://127.0.0.1:1?listen=unix://{folder}/x&owner=0",
                          prefix=AS_NOBODY)
        assert "Operation not permitted" in outcome.err
        assert os.listdir(folder) == []


def test_every_address_that_cannot_be_had_is_reported_together():
    with Service() as one, Service() as two:
        outcome = run_to_end(env={f"A_PORT_{one.port}_TCP": "tcp://127.0.0.1:1",
                                  f"B_PORT_{two.port}_TCP": "tcp://127.0.0.1:1"})
    assert outcome.code == 64
    assert len(outcome.records.of("listen_failed")) == 2, outcome
