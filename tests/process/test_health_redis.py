# SPDX-License-Identifier: Apache-2.0
"""A real redis pair behind one link: sessions go to the primary, wherever it is now."""

import os
import signal
from pathlib import Path

import pytest

from support.peer import Peer
from support.poll import eventually
from support.processes import is_stopped
from support.redis import Replica, demote, order, ping, port_behind, promote
from support.servers import Redis

OFTEN = "health_interval=50ms&health_timeout=500ms&health_rise=1&health_fall=2"


@pytest.fixture
def pair(server):
    primary = server(Redis())
    return primary, server(Replica(primary))


@pytest.fixture
def relay_to_pair(relay_to, pair):
    """The replica stands first, so that only its role keeps sessions away from it."""
    primary, replica = pair

    def start(options=""):
        return relay_to(f"{replica.url}?health=redis-primary&{OFTEN}{options},{primary.url}")
    return start


def address(redis):
    return f"{redis.host}:{redis.port}"


def wait_up(near, redis):
    near.wait_event("endpoint_up", link="svc", endpoint=address(redis))


def wait_down(near, redis, reason):
    down = near.wait_event("endpoint_down", link="svc", endpoint=address(redis))
    assert reason in down["reason"], near.log()


def wait_standby(near, redis, of):
    near.wait_event("endpoint_standby", level="info", link="svc", endpoint=address(redis),
                    reason=f"it is a replica of {address(of)}")


def wait_led_to(near, redis):
    eventually(lambda: port_behind(near.port) == redis.port, "sessions reach the primary")


def test_sessions_reach_the_primary_whichever_is_written_first(relay_to_pair, pair):
    primary, replica = pair
    near = relay_to_pair()
    assert [port_behind(near.port) for _ in range(5)] == [primary.port] * 5, "from the first session on"
    wait_up(near, primary)
    wait_standby(near, replica, of=primary)


def test_after_a_kill_and_a_promotion_new_sessions_reach_the_promoted_one(relay_to_pair, pair):
    primary, replica = pair
    near = relay_to_pair()
    wait_up(near, primary)
    primary.process.kill()
    primary.process.wait()
    wait_down(near, primary, "Connection refused")
    assert port_behind(near.port) is None, "nobody takes writes, and the link is honest about it"
    promote(replica)
    wait_led_to(near, replica)


def test_one_session_that_a_killed_primary_refuses_is_enough(relay_to, pair):
    """Nobody would ask it for ten minutes, and three times at that."""
    primary, _ = pair
    near = relay_to(f"{primary.url}?health=redis-primary&health_interval=10m&health_fall=3")
    wait_up(near, primary)
    primary.process.kill()
    primary.process.wait()
    assert near.events("endpoint_down") == []
    assert port_behind(near.port) is None
    wait_down(near, primary, "Connection refused")
    assert near.failures() == ["connect_refused"]


def test_one_session_that_a_killed_primary_resets_is_enough(relay_to, pair):
    """It has not read all that it was sent, so its kernel resets the connection."""
    primary, _ = pair
    near = relay_to(f"{primary.url}?health=redis&health_interval=10m&health_fall=3")
    wait_up(near, primary)
    with Peer.connect(near.port) as consumer:
        ping(consumer)
        os.kill(primary.process.pid, signal.SIGSTOP)
        eventually(lambda: is_stopped(primary.process.pid), "the process is stopped")
        consumer.send(b"PING\r\n")
        eventually(lambda: waits_unread(primary), "it is sent what it does not read")
        primary.process.kill()
        primary.process.wait()
        consumer.expect_reset()
    wait_down(near, primary, "Connection refused")
    assert near.failures() == ["upstream_reset"]


def waits_unread(redis):
    """Whether one of its connections has bytes that it has not read."""
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, _, state, queues = line.split()[:5]
        if int(local.split(":")[1], 16) == redis.port and state == "01" and int(queues.split(":")[1], 16) > 0:
            return True
    return False


def test_a_killed_primary_that_comes_back_as_a_replica_gets_no_sessions(relay_to_pair, pair):
    primary, replica = pair
    near = relay_to_pair()
    wait_up(near, primary)
    primary.end()
    promote(replica)
    near.wait_event("endpoint_down", endpoint=address(primary))
    wait_led_to(near, replica)
    primary.start()
    eventually(lambda: len(near.events("endpoint_up", endpoint=address(primary))) == 2, "it says that it is primary")
    demote(primary, replica)
    wait_standby(near, primary, of=replica)
    wait_led_to(near, replica)


def test_a_primary_that_is_demoted_loses_its_sessions_when_that_is_asked_for(relay_to_pair, pair):
    primary, replica = pair
    near = relay_to_pair("&on_down=cut")
    wait_up(near, primary)
    with Peer.connect(near.port) as consumer:
        ping(consumer)
        promote(replica)
        demote(primary, replica)
        consumer.expect_reset()
    wait_standby(near, primary, of=replica)
    wait_led_to(near, replica)


def test_a_primary_that_is_demoted_keeps_its_sessions_by_default(relay_to_pair, pair):
    primary, replica = pair
    near = relay_to_pair()
    wait_up(near, primary)
    with Peer.connect(near.port) as consumer:
        ping(consumer)
        promote(replica)
        demote(primary, replica)
        wait_standby(near, primary, of=replica)
        wait_led_to(near, replica)
        ping(consumer)


@pytest.fixture
def stop(request):
    """Stops a server's process, as a host that hangs does; it goes on when the test has ended."""
    def stopped(redis):
        os.kill(redis.process.pid, signal.SIGSTOP)
        request.addfinalizer(lambda: os.kill(redis.process.pid, signal.SIGCONT))
        eventually(lambda: is_stopped(redis.process.pid), "the process is stopped")
    return stopped


def test_a_primary_that_hangs_loses_its_sessions_when_that_is_asked_for(relay_to_pair, pair, stop):
    primary, replica = pair
    near = relay_to_pair("&on_down=cut")
    wait_up(near, primary)
    with Peer.connect(near.port) as consumer:
        ping(consumer)
        stop(primary)
        consumer.expect_reset()
    wait_down(near, primary, "no answer within 500 ms")
    promote(replica)
    wait_led_to(near, replica)


def test_a_primary_that_hangs_keeps_its_sessions_by_default(relay_to_pair, pair, stop):
    primary, replica = pair
    near = relay_to_pair()
    wait_up(near, primary)
    with Peer.connect(near.port) as consumer:
        ping(consumer)
        stop(primary)
        wait_down(near, primary, "no answer within 500 ms")
        promote(replica)
        wait_led_to(near, replica)
        os.kill(primary.process.pid, signal.SIGCONT)
        ping(consumer)


def test_a_login_is_demanded_and_made(relay_to, server):
    redis = server(Redis())
    order(redis, "ACL", "SETUSER", "probe", "on", ">secret", "+ping", "+role")
    order(redis, "CONFIG", "SET", "requirepass", "other")
    for health, reason in (("redis", "it answers: NOAUTH"),
                           ("redis-primary&health_user=probe&health_password=secret", "it is the primary"),
                           ("redis-primary&health_password=other", "it is the primary")):
        near = relay_to(f"{redis.url}?health={health}&{OFTEN}")
        assert reason in near.wait_event("endpoint_up")["reason"]
    for health, reason in (("redis-primary", "NOAUTH"), ("redis&health_password=wrong", "WRONGPASS")):
        near = relay_to(f"{redis.url}?health={health}&{OFTEN}")
        assert reason in near.wait_event("endpoint_down")["reason"]
        assert "wrong" not in near.log()


def test_a_redis_that_is_busy_with_a_script_is_down_until_it_is_not(relay_to, server):
    redis = server(Redis())
    order(redis, "CONFIG", "SET", "busy-reply-threshold", "10")
    near = relay_to(f"{redis.url}?health=redis&{OFTEN}")
    near.wait_event("endpoint_up")
    with Peer.connect(redis.port) as peer:
        peer.send(b"EVAL 'while true do end' 0\r\n")
        assert "BUSY" in near.wait_event("endpoint_down")["reason"]
        order(redis, "SCRIPT", "KILL")
        eventually(lambda: len(near.events("endpoint_up")) == 2, "it is up again")
    assert port_behind(near.port) == redis.port


def test_too_many_clients_are_an_endpoint_that_is_down(relay_to, server):
    redis = server(Redis())
    near = relay_to(f"{redis.url}?health=redis&{OFTEN}")
    near.wait_event("endpoint_up")
    with Peer.connect(redis.port) as peer:
        ping(peer)
        order(redis, "CONFIG", "SET", "maxclients", "1")
        assert "max number of clients" in near.wait_event("endpoint_down")["reason"]


def test_a_user_who_may_do_nothing_but_ask_for_the_role_is_enough(relay_to, pair):
    primary, replica = pair
    for redis in pair:
        order(redis, "ACL", "SETUSER", "watcher", "on", ">open-sesame", "resetkeys", "-@all", "+role")
    near = relay_to(f"{replica.url}?health=redis-primary&{OFTEN}&health_user=watcher&health_password=open-sesame,"
                    f"{primary.url}")
    wait_up(near, primary)
    wait_standby(near, replica, of=primary)


@pytest.mark.parametrize("health", ["redis", "redis-primary"])
def test_a_redis_that_takes_no_writes_because_it_cannot_save_is_down(relay_to, server, health):
    redis = server(Unsaved())
    near = relay_to(f"{redis.url}?health={health}&{OFTEN}")
    wait_up(near, redis)
    redis.fail_to_save()
    wait_down(near, redis, "PING is answered by: MISCONF")


class Unsaved(Redis):
    """One that saves to its directory, for as long as there is one."""

    def command(self):
        words = super().command()
        words[words.index("--save") + 1] = "3600 1"
        return [*words, "--enable-protected-configs", "yes"]

    def fail_to_save(self):
        order(self, "CONFIG", "SET", "dir", "/proc")
        with Peer.connect(self.port) as peer:
            peer.send(b"BGSAVE\r\n")
            peer.expect(b"+Background saving started\r\n")
