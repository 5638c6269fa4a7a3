# SPDX-License-Identifier: Apache-2.0
"""A target that comes back under another address is found again without a restart of the ambassador."""

from support.poll import eventually

from docker.redis import address_of, ask, start_redis, tell

TTL_CLAMP_S = 60
NETWORK = "--network backbone"
OCCUPY = "run -d --entrypoint /bin/busybox crosbymichael/redis sleep 600"


def whoami(engine, options=None):
    return ask(engine, "get whoami", of="ambassador", options=options)


def test_HOST_PORT_dials_a_name_on_a_user_defined_network_and_the_next_connection_follows_it(provider):
    provider.docker("network create --subnet 10.99.0.0/24 backbone")
    start_redis(provider, "db", "--network backbone --ip 10.99.0.10", says="the first")
    ambassador = provider.run("run -d --name ambassador --network backbone ambassador db 6379").wait_ready()
    assert ambassador.wait_for("listening")["targets"] == "tcp://db:6379"
    assert whoami(provider, NETWORK) == "the first"

    provider.docker("rm -f db")
    start_redis(provider, "db", "--network backbone --ip 10.99.0.20", says="the second")
    assert whoami(provider, NETWORK) == "the second", ambassador.log()
    assert "10.99.0.20" in str(ambassador.wait_for("moved")["now"])


def test_it_starts_before_its_target_exists(provider):
    provider.docker("network create backbone")
    ambassador = provider.run("run -d --name ambassador --network backbone ambassador db 6379").wait_ready()
    start_redis(provider, "db", "--network backbone", says="here now")
    eventually(lambda: whoami(provider, NETWORK) == "here now", ambassador.log, within=TTL_CLAMP_S + 15)


def test_a_linked_container_that_restarts_elsewhere_is_followed_through_the_hosts_file(provider):
    """REDIS_PORT_6379_TCP still holds the old address; REDIS_NAME tells the alias, and the alias is dialled."""
    start_redis(provider, "redis", says="the first")
    ambassador = provider.run("run -d --link redis:redis --name ambassador ambassador").wait_ready()
    assert whoami(provider) == "the first"
    before = address_of(provider, "redis")

    provider.docker("stop redis")
    provider.docker(OCCUPY)  # takes the free address
    provider.docker("start redis")
    tell(provider, "redis", "the second")
    assert address_of(provider, "redis") != before
    assert whoami(provider) == "the second", ambassador.log()
