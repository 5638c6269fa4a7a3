# SPDX-License-Identifier: Apache-2.0
"""The commands inside the image: as the user it runs as, with no writable file, over `docker exec`."""

import json

import pytest

from docker.redis import ask, start_redis
from support.poll import eventually

HARDENED = "--read-only --cap-drop=ALL --user 65534 --security-opt no-new-privileges"


@pytest.mark.parametrize("options", ["", HARDENED], ids=["as it is", "hardened"])
def test_the_image_can_be_asked_and_steered_as_it_is(provider, options):
    start_redis(provider, "redis", says="the first")
    start_redis(provider, "another", says="the second")
    ambassador = provider.run(f"run -d {options} --link redis:redis --link another:another --name ambassador "
                              "-e AMBASSADOR_LINKS=redis ambassador").wait_ready()
    status = json.loads(provider.docker("exec ambassador /ambassador status --json"))
    assert [link["name"] for link in status["links"]] == ["redis"]
    assert "redis" in provider.docker("exec ambassador /ambassador status")

    said = provider.docker("exec ambassador /ambassador rewire redis tcp://another:6379")
    assert "tcp://another:6379" in said
    assert ask(provider, "get whoami", of="ambassador") == "the second"
    ambassador.wait_for("rewired", link="redis")

    provider.docker("exec ambassador /ambassador drain redis")
    assert ask(provider, "ping", of="ambassador") == ""
    provider.docker("exec ambassador /ambassador resume redis")
    assert ask(provider, "get whoami", of="ambassador") == "the second"
    for command in ("sessions", "why redis", "wait redis --timeout 5s", "healthcheck", "reload", "check", "version"):
        done = provider.try_docker(f"exec ambassador /ambassador {command}")
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_engine_finds_it_healthy_though_a_provider_does_not_answer(provider):
    start_redis(provider, "redis")
    ambassador = provider.run("run -d --health-interval 300ms --health-retries 1 --link redis:redis --name ambassador "
                              "-e AMBASSADOR_LINKS=redis "
                              "-e 'REDIS_PORT_6379_TCP=tcp://redis:6379?health=redis&health_interval=100ms' ambassador")
    ambassador.wait_ready()
    eventually(lambda: ambassador.inspect("{{.State.Health.Status}}") == "healthy", "healthy", every=0.1)
    # Not killed: beside a linked container that has ended the engine executes nothing, not even a health check.
    provider.docker("pause redis")
    ambassador.wait_for("endpoint_down", link="redis")
    ready = provider.try_docker("exec ambassador /ambassador healthcheck --ready")
    assert ready.returncode == 1 and "the only link is down: redis: " in ready.stdout, ready
    alive = provider.try_docker("exec ambassador /ambassador healthcheck")
    assert alive.returncode == 0 and alive.stdout.startswith("alive, not ready: degraded for "), alive
    assert ambassador.inspect("{{.State.Health.Status}}") == "healthy"
    provider.docker("unpause redis")


def test_the_engine_finds_it_healthy_without_a_control_socket(provider):
    start_redis(provider, "redis")
    ambassador = provider.run("run -d --health-interval 300ms --health-retries 1 --link redis:redis --name ambassador "
                              "-e AMBASSADOR_CONTROL=none ambassador").wait_ready()
    eventually(lambda: ambassador.inspect("{{.State.Health.Status}}") == "healthy", "healthy", every=0.1)
    alive = provider.try_docker("exec ambassador /ambassador healthcheck")
    assert (alive.returncode, alive.stdout) == (0, "alive: process 1 runs\n"), alive


def test_one_command_moves_the_two_host_example_and_the_consumer_keeps_its_container(provider, consumer):
    start_redis(provider, "redis", says="the first")
    start_redis(provider, "another", says="the second")
    provider.run("run -d --link redis:redis --name redis_ambassador -p 6379:6379 ambassador").wait_ready()
    provider.run("run -d --link another:redis --name another_ambassador -p 6380:6379 ambassador").wait_ready()
    consumer.run("run -d --name redis_ambassador --expose 6379 -e REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379 "
                 "ambassador").wait_ready()
    # One redis-cli that is asked again and again, and connects again when it must.
    loop = consumer.run("run -d --name loop --link redis_ambassador:redis --entrypoint /bin/busybox crosbymichael/redis "
                        "sh -c 'while :; do echo ping; echo get whoami; busybox sleep 0.02; done | redis-cli -h redis'")

    def says(who):
        eventually(lambda: any(who in line for line in loop.log().splitlines()[-2:]), f"the loop hears {who}", every=0.05)

    says("the first")
    consumer.docker("exec redis_ambassador /ambassador rewire redis tcp://192.168.1.52:6380")
    assert ask(consumer, "get whoami", of="redis_ambassador") == "the second"
    says("the first")  # its session goes on where it is
    assert errors(loop) == []

    consumer.docker("exec redis_ambassador /ambassador rewire redis tcp://192.168.1.52:6380 --existing cut")
    says("the second")
    assert len(errors(loop)) == 1, errors(loop)  # the cut that was asked for
    assert loop.is_running


def errors(loop):
    return [line for line in loop.log().splitlines() if "rror" in line or "ould not" in line]
