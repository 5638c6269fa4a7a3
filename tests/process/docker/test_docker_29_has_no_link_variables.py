# SPDX-License-Identifier: Apache-2.0
"""Engine 29 sets no variables for a link; the hosts file is all there is. The engine here still sets them: the image
ambassador-on-engine-29 takes them away before the program starts, and leaves everything else as --link made it."""

from docker.redis import ask, start_redis


def start_ambassador(engine, link, options=""):
    return engine.run(f"run -d --link {link} --name ambassador {options} ambassador-on-engine-29")


def listening(container):
    return {(record["address"].rsplit(":", 1)[1], record["targets"])
            for record in container.wait_ready().records().of("listening")}


def test_the_alias_redis_is_known_to_mean_6379(provider):
    start_redis(provider, "cache")
    ambassador = start_ambassador(provider, "cache:redis")
    assert listening(ambassador) == {("6379", "tcp://redis:6379")}
    assert ambassador.wait_for("listening")["from"].startswith("/etc/hosts:")
    assert "6379 by the table of well-known ports" in ambassador.wait_for("note")["text"]
    assert ask(provider, "ping", of="ambassador") == "PONG"


def test_the_alias_postgres_is_known_to_mean_5432(provider):
    """As Dokku's expose runs it: --link <service>:postgres."""
    start_redis(provider, "dokku.postgres.lollipop", port=5432)
    ambassador = start_ambassador(provider, "dokku.postgres.lollipop:postgres")
    assert listening(ambassador) == {("5432", "tcp://postgres:5432")}
    assert ask(provider, "ping", of="ambassador", port=5432) == "PONG"


def test_two_links_are_two_listeners(provider):
    start_redis(provider, "one")
    start_redis(provider, "two", port=5432)
    ambassador = start_ambassador(provider, "one:redis --link two:postgres")
    assert listening(ambassador) == {("6379", "tcp://redis:6379"), ("5432", "tcp://postgres:5432")}


def test_AMBASSADOR_PORTS_gives_a_port_that_no_alias_tells(provider):
    start_redis(provider, "store", port=7000)
    ambassador = start_ambassador(provider, "store:store", "-e AMBASSADOR_PORTS=7000")
    assert listening(ambassador) == {("7000", "tcp://store:7000")}
    assert ask(provider, "ping", of="ambassador", port=7000) == "PONG"


def test_AMBASSADOR_PORTS_gives_ports_by_alias(provider):
    start_redis(provider, "one")
    start_redis(provider, "two", port=7000)
    ambassador = start_ambassador(provider, "one:first --link two:second",
                                  "-e AMBASSADOR_PORTS=first:6379,second:7000")
    assert listening(ambassador) == {("6379", "tcp://first:6379"), ("7000", "tcp://second:7000")}
    assert ask(provider, "ping", of="ambassador") == ask(provider, "ping", of="ambassador", port=7000) == "PONG"


def test_an_unknown_alias_without_ports_is_refused_and_says_what_to_do(provider):
    start_redis(provider, "store", port=7000)
    ambassador = start_ambassador(provider, "store:store")
    assert ambassador.wait_until_ended() == 64
    assert "AMBASSADOR_PORTS" in ambassador.log()


def test_no_link_at_all_is_refused_and_names_docker_29(provider):
    ambassador = provider.run("run -d ambassador")
    assert ambassador.wait_until_ended() == 64
    said = ambassador.log()
    assert "Docker" in said and "29" in said
    assert "DOCKER_KEEP_DEPRECATED_LEGACY_LINKS_ENV_VARS=1" in said
