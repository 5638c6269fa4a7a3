# SPDX-License-Identifier: Apache-2.0
"""The page's own example without Docker: consumer -> near ambassador -> far ambassador -> redis, four hosts, and
none of them can reach further than its neighbour. Moving redis restarts one ambassador; the consumer stays."""

import pytest

from support.peer import Peer
from support.servers import Redis

PORT = 6379


@pytest.fixture
def hosts(network):
    names = ("consumer", "near", "far", "first_host", "second_host")
    hosts = {name: network.host(name) for name in names}
    network.lan(hosts["consumer"], hosts["near"])
    network.lan(hosts["near"], hosts["far"])
    network.lan(hosts["far"], hosts["first_host"], hosts["second_host"])
    return hosts


def ping(hosts):
    with hosts["consumer"].call(Peer.connect, PORT, hosts["near"].address) as peer:
        peer.send(b"PING\r\n")
        peer.expect(b"+PONG\r\n")


def ambassador_on(start_ambassador, host, target):
    return start_ambassador(prefix=host.prefix, env={
        f"REDIS_PORT_{PORT}_TCP": f"tcp://{target}:{PORT}",
        f"REDIS_PORT_{PORT}_TCP_ADDR": target,
        f"REDIS_PORT_{PORT}_TCP_PORT": str(PORT),
        f"REDIS_PORT_{PORT}_TCP_PROTO": "tcp",
        "REDIS_PORT": f"tcp://{target}:{PORT}",
        "REDIS_NAME": "/redis_ambassador/redis",
    })


def redis_on(server, host):
    return server(Redis(host=host.address, port=PORT, on=host))


def test_ping_answers_pong_through_both_ambassadors_with_the_old_variables(hosts, start_ambassador, server):
    redis_on(server, hosts["first_host"])
    ambassador_on(start_ambassador, hosts["far"], hosts["first_host"].address)
    ambassador_on(start_ambassador, hosts["near"], hosts["far"].addresses[0])
    ping(hosts)


def test_redis_moves_and_only_the_far_ambassador_is_restarted(hosts, start_ambassador, server):
    first = redis_on(server, hosts["first_host"])
    far = ambassador_on(start_ambassador, hosts["far"], hosts["first_host"].address)
    ambassador_on(start_ambassador, hosts["near"], hosts["far"].addresses[0])
    ping(hosts)

    first.end()
    redis_on(server, hosts["second_host"])
    far.stop()
    ambassador_on(start_ambassador, hosts["far"], hosts["second_host"].address)
    ping(hosts)


def test_the_provider_moves_and_only_the_near_ambassador_is_restarted(hosts, start_ambassador, server):
    """The near one may go straight to a redis on the network between: the consumer keeps its address."""
    redis_on(server, hosts["first_host"])
    ambassador_on(start_ambassador, hosts["far"], hosts["first_host"].address)
    near = ambassador_on(start_ambassador, hosts["near"], hosts["far"].addresses[0])
    ping(hosts)

    server(Redis(host=hosts["far"].addresses[0], port=PORT + 1, on=hosts["far"]))
    near.stop()
    start_ambassador(prefix=hosts["near"].prefix,
                     env={f"REDIS_PORT_{PORT}_TCP": f"tcp://{hosts['far'].addresses[0]}:{PORT + 1}"})
    ping(hosts)
