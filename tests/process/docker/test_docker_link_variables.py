# SPDX-License-Identifier: Apache-2.0
"""The variables a real engine sets for --link, in all the shapes that containers give them."""

from docker.redis import address_of, ask, start_redis


def listening(container):
    return sorted((record["address"].rsplit(":", 1)[1], record["from"])
                  for record in container.wait_ready().records().of("listening"))


def test_every_exposed_port_of_every_link_is_a_listener(provider):
    start_redis(provider, "one", "--expose 6380-6381")  # a run of ports also makes START and END variables
    start_redis(provider, "two", port=7000)
    ambassador = provider.run("run -d --link one:redis --link two:store --name ambassador ambassador")
    assert listening(ambassador) == [("6379", "variable REDIS_PORT_6379_TCP"), ("6380", "variable REDIS_PORT_6380_TCP"),
                                     ("6381", "variable REDIS_PORT_6381_TCP"), ("7000", "variable STORE_PORT_7000_TCP")]
    assert ask(provider, "ping", of="ambassador") == ask(provider, "ping", of="ambassador", port=7000) == "PONG"


def test_an_alias_with_dashes_dots_and_digits_is_dialled_as_it_was_spelled(provider):
    start_redis(provider, "redis")
    ambassador = provider.run("run -d --link redis:my-redis.2 --name ambassador ambassador")
    assert listening(ambassador) == [("6379", "variable MY_REDIS.2_PORT_6379_TCP")]
    assert ambassador.wait_for("listening")["targets"] == "tcp://my-redis.2:6379"
    assert ask(provider, "ping", of="ambassador") == "PONG"


def test_an_ambassador_linked_to_an_ambassador_goes_through_it_and_not_past_it(provider):
    """The first one's own variable arrives as REDIS_ENV_REDIS_PORT_6379_TCP: a copy, and no link."""
    start_redis(provider, "far")
    far = f"REDIS_PORT_6379_TCP=tcp://{address_of(provider, 'far')}:6379"
    provider.run(f"run -d --name first --expose 6379 -e {far} ambassador").wait_ready()
    ambassador = provider.run("run -d --link first:redis --name ambassador ambassador")
    assert listening(ambassador) == [("6379", "variable REDIS_PORT_6379_TCP")]
    assert ambassador.wait_for("listening")["targets"] == "tcp://redis:6379"
    assert ask(provider, "ping", of="ambassador") == "PONG"


def test_the_secrets_that_a_link_copies_are_never_logged(provider):
    start_redis(provider, "redis", "-e PASSWORD=hunter2")
    ambassador = provider.run("run -d --link redis:redis -e AMBASSADOR_LOG_LEVEL=debug ambassador").wait_ready()
    assert "REDIS_ENV_PASSWORD=hunter2" in provider.docker(["run", "--rm", "--link", "redis:redis", "--entrypoint",
                                                           "/bin/busybox", "crosbymichael/redis", "env"])
    assert "hunter2" not in ambassador.log()
