# SPDX-License-Identifier: Apache-2.0
"""Redis moves to another container; only the ambassador is restarted; the consumer's container stays."""

from docker.redis import start_redis
from docker.terminal import Terminal


def restart_provider(provider, redis):
    provider.try_docker("rm -f redis_ambassador")
    provider.run(f"run -d --link {redis}:redis --name redis_ambassador -p 6379:6379 ambassador").wait_ready()


def test_a_prompt_that_stays_open_meets_the_new_redis(provider, consumer):
    start_redis(provider, "redis", says="the first")
    restart_provider(provider, "redis")
    consumer.run("run -d --name redis_ambassador --expose 6379 -e REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379 "
                 "ambassador").wait_ready()
    with Terminal(consumer, "run -i -t --rm --link redis_ambassador:redis relateiq/redis-cli") as prompt:
        prompt.types("get whoami", at="6379> ")
        prompt.shows("the first")

        start_redis(provider, "another", says="the second")
        provider.docker("rm -f redis")
        restart_provider(provider, "another")

        prompt.types("get whoami", at="6379> ")
        # The provider's ambassador was killed, which is no end but a reset; redis-cli connects again to the address it has.
        prompt.shows("Error: ")
        prompt.types("get whoami", at="not connected> ")
        prompt.shows("the second")
        prompt.types("ping", at="6379> ")
        prompt.shows("PONG")
        prompt.types("quit", at="6379> ")
        assert prompt.wait_until_ended() == 0


def test_on_a_network_the_consumers_own_ambassador_may_be_replaced(provider):
    provider.docker("network create backbone")
    start_redis(provider, "first", "--network backbone", says="the first")
    start_redis(provider, "second", "--network backbone", says="the second")
    ambassador = "run -d --name redis_ambassador --network backbone --network-alias redis"
    provider.run(f"{ambassador} -e REDIS_PORT_6379_TCP=tcp://first:6379 ambassador").wait_ready()
    provider.docker("run -d --name consumer --network backbone --entrypoint /bin/busybox crosbymichael/redis sleep 600")
    ask = "exec consumer redis-cli -h redis get whoami"
    assert provider.docker(ask) == "the first"

    provider.docker("rm -f redis_ambassador")
    provider.run(f"{ambassador} -e REDIS_PORT_6379_TCP=tcp://second:6379 ambassador").wait_ready()
    assert provider.docker(ask) == "the second"
