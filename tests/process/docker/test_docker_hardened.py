# SPDX-License-Identifier: Apache-2.0
"""Nothing is needed: no writable root, no capability, no root user, no privilege to gain."""

from docker.redis import address_of, ask, start_redis

HARDENED = "--read-only --cap-drop=ALL --user 65534 --security-opt no-new-privileges"


def test_it_relays_with_everything_taken_away(provider):
    start_redis(provider, "redis")
    provider.run(f"run -d {HARDENED} --link redis:redis --name ambassador ambassador").wait_ready()
    assert ask(provider, "ping", of="ambassador") == "PONG"


def test_it_stops_as_ever_with_everything_taken_away(provider):
    start_redis(provider, "redis")
    ambassador = provider.run(f"run -d {HARDENED} --link redis:redis --name ambassador ambassador").wait_ready()
    provider.docker("stop ambassador")
    assert ambassador.exit_code == 0


def test_it_listens_below_1024_without_root(provider):
    """Docker 20.10 and later set net.ipv4.ip_unprivileged_port_start to 0 inside a container."""
    start_redis(provider, "redis")
    ambassador = provider.run(f"run -d {HARDENED} --name ambassador -e WEB_PORT_80_TCP=tcp://{address_of(provider, 'redis')}:6379 ambassador")
    ambassador.wait_ready()
    assert ask(provider, "ping", of="ambassador", port=80) == "PONG"


def test_no_capability_is_left_to_the_process(provider):
    ambassador = provider.run(f"run -d {HARDENED} -e SVC_PORT_80_TCP=tcp://192.0.2.1:80 ambassador").wait_ready()
    with open(f"/proc/{ambassador.pid}/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert status["Uid"].split() == ["65534"] * 4
    assert status["NoNewPrivs"] == "1"
