# SPDX-License-Identifier: Apache-2.0
"""Two hosts with an engine each, wired together and with every image the tests use."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.network import Network

from docker import images
from docker.engine import Engine, NoEngine, why_none_can_start

PROVIDER_ADDRESS = "192.168.1.52"  # the address on the old page
CONSUMER_ADDRESS = "192.168.1.51"


def pytest_collection_modifyitems(items):
    for item in items:
        if "docker" in item.path.parts:
            item.add_marker(pytest.mark.docker)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Shows the log of every container where a test failed."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        for side in ("provider", "consumer"):
            for container in getattr(item.funcargs.get(side), "containers", list)():
                title = f"{side}: {container.image} {container.inspect('{{.Name}}')}"
                report.sections.append((title, container.log()))


@pytest.fixture(scope="session")
def engines():
    """(provider's, consumer's): two engines that can reach each other at the page's addresses."""
    why_not = why_none_can_start() or images.why_none_can_be_built()
    if why_not:
        pytest.skip(f"no Docker engine: {why_not}")
    network, started = Network(), []
    try:
        _wire_two_hosts(network)
        started = [Engine(host) for host in network.hosts[:2]]
        with ThreadPoolExecutor() as pool:
            list(pool.map(Engine.start, started))
            list(pool.map(images.build_all, started))
        for engine in started:
            engine.prove_it_runs_containers("crosbymichael/redis", "/bin/busybox", "true")
        yield started
    except NoEngine as why:
        pytest.skip(f"no Docker engine: {why}")
    finally:
        for engine in started:
            engine.stop()
        network.close()


def _wire_two_hosts(network):
    try:
        hosts = [network.host("provider"), network.host("consumer")]
        network.lan(*hosts)
        for host, address in zip(hosts, (PROVIDER_ADDRESS, CONSUMER_ADDRESS)):
            host.run("ip", "address", "add", f"{address}/24", "dev", "lan0")
    except AssertionError as why:
        raise NoEngine(f"no network namespace to start it in: {why}") from why


def _cleared(engine):
    """The engine for one test: whatever ambassadors logged was in order, and nothing stays."""
    yield engine
    try:
        for container in engine.containers():
            if container.image.startswith("ambassador"):
                container.records().check()
    finally:
        engine.clear()


@pytest.fixture
def provider(engines):
    """The engine on the host where redis is, at 192.168.1.52."""
    yield from _cleared(engines[0])


@pytest.fixture
def consumer(engines):
    """The engine on the host of the consumer."""
    yield from _cleared(engines[1])
