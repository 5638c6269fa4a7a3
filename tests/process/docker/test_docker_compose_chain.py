# SPDX-License-Identifier: Apache-2.0
"""packaging/docker/compose.yaml as it stands, with the images of these tests."""

import json
import shutil
import subprocess

import pytest

from support.ambassador import ROOT
from support.poll import eventually

from docker.redis import start_redis

FILE = ROOT / "packaging/docker/compose.yaml"


@pytest.fixture
def compose(provider):
    """compose("up -d", REDIS_TARGET=…): what it prints."""
    plugin = provider.try_docker("compose version").returncode == 0
    if not plugin and not shutil.which("docker-compose"):
        pytest.skip("neither docker compose nor docker-compose is installed")
    program = ["docker", "compose"] if plugin else ["docker-compose"]

    def run(command, check=True, **environment):
        done = subprocess.run([*program, "--file", FILE, "--project-name", "chain", *command.split()],
                              env={**provider.environment, "REDIS_IMAGE": "crosbymichael/redis", **environment},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0 or not check, f"compose {command}: {done.stderr}"
        return done.stdout.strip()
    return run


def ask(compose, question):
    """The consumer's answer, once all of the chain is up."""
    return eventually(lambda: compose(f"exec -T consumer redis-cli -h redis {question}", check=False), "an answer")


@pytest.fixture
def consumer_can_reach(compose, provider):
    """Whether the consumer can open a session to a service at its address on a network."""
    def try_it(service, network):
        networks = "{{json .NetworkSettings.Networks}}"
        found = json.loads(provider.docker(["inspect", "--format", networks, compose(f"ps -q {service}")]))
        address = found[f"chain_{network}"]["IPAddress"]
        return provider.try_docker(["exec", compose("ps -q consumer"), "/bin/busybox", "nc", "-w", "1", address, "6379",
                                    "-e", "/bin/busybox", "true"]).returncode == 0
    return try_it


def test_the_consumer_reaches_redis_through_both_ambassadors(compose):
    compose("up -d")
    assert ask(compose, "ping") == "PONG"


def test_the_consumer_can_reach_neither_redis_nor_the_far_ambassador_itself(compose, consumer_can_reach):
    compose("up -d")
    assert ask(compose, "ping") == "PONG"
    assert consumer_can_reach("near", "consumer")
    assert not consumer_can_reach("far", "backbone")
    assert not consumer_can_reach("redis", "service")


def test_another_target_replaces_the_near_ambassador_and_the_consumer_stays(compose, provider):
    compose("up -d")
    assert ask(compose, "ping") == "PONG"
    consumer = compose("ps -q consumer")
    start_redis(provider, "second", "--network chain_backbone", says="the second")
    compose("up -d", REDIS_TARGET="tcp://second:6379")
    assert ask(compose, "get whoami") == "the second"
    assert compose("ps -q consumer") == consumer
