# SPDX-License-Identifier: Apache-2.0
"""The example of Docker's page "Link via an ambassador container", command for command, on two hosts."""

from docker.redis import start_redis
from docker.terminal import Terminal


def start_provider(provider):
    start_redis(provider, "redis")
    return provider.run("run -d --link redis:redis --name redis_ambassador -p 6379:6379 ambassador").wait_ready()


def start_consumer(consumer):
    return consumer.run("run -d --name redis_ambassador --expose 6379 -e REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379 "
                        "ambassador").wait_ready()


def test_ping_at_the_consumers_prompt_answers_pong(provider, consumer):
    start_provider(provider)
    start_consumer(consumer)
    with Terminal(consumer, "run -i -t --rm --link redis_ambassador:redis relateiq/redis-cli") as prompt:
        prompt.types("ping", at="6379> ")
        prompt.shows("PONG")
        prompt.types("quit", at="6379> ")
        assert prompt.wait_until_ended() == 0


def test_the_provider_says_which_variable_made_which_link(provider):
    ambassador = start_provider(provider)
    listening = ambassador.wait_for("listening")
    assert listening["from"] == "variable REDIS_PORT_6379_TCP"
    assert listening["address"].endswith(":6379")
    assert listening["targets"] == "tcp://redis:6379"


def test_the_consumer_needs_the_one_variable_only(consumer):
    ambassador = start_consumer(consumer)
    assert ambassador.wait_for("listening")["targets"] == "tcp://192.168.1.52:6379"
    assert len(ambassador.records().of("listening")) == 1
