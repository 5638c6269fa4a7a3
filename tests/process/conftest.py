# SPDX-License-Identifier: Apache-2.0
"""Fixtures: running ambassadors that must settle, real servers that end with their test, hosts made of namespaces."""

import collections
import os
import signal

import pytest

pytest.register_assert_rewrite("support")

from support.ambassador import BINARY, Ambassador
from support.control import Control
from support.network import Network, skip_without_namespaces
from support.peer import Service
from support.ports import free_port

LOG_SHOWN_CHARACTERS = 6000

os.environ["PATH"] += ":/usr/sbin:/sbin"  # nginx, iptables and ip live there


def pytest_addoption(parser):
    parser.addoption("--soak-minutes", type=float, default=1.5, help="how long test_soak.py plays with each relay")


def pytest_sessionstart(session):
    if not session.config.option.collectonly and not os.access(BINARY, os.X_OK):
        raise pytest.UsageError(f"no program at {BINARY}: build it (./run version) or set AMBASSADOR_BINARY")
    # A terminated run still ends what it started: servers, ambassadors, namespaces.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("terminated", returncode=143))


def pytest_collection_modifyitems(items):
    """The files of many tests first: a long one begun late would be what everybody waits for in the end."""
    tests = collections.Counter(item.path for item in items)
    items.sort(key=lambda item: -tests[item.path])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Remembers whether the test itself failed, and shows every ambassador's log where something did."""
    outcome = yield
    report = outcome.get_result()
    item.failed_already = getattr(item, "failed_already", False) or report.failed
    if report.failed:
        for number, ambassador in enumerate(getattr(item, "ambassadors", []), 1):
            title = f"end of the log of ambassador {number} (pid {ambassador.pid})"
            report.sections.append((title, ambassador.log()[-LOG_SHOWN_CHARACTERS:]))


@pytest.fixture
def start_ambassador(request):
    """start_ambassador(*words, env={...}): a running, ready ambassador that must settle and exit well afterwards."""
    if "network" in request.fixturenames:
        request.getfixturevalue("network")  # goes after the ambassador, whose last FINs need it
    request.node.ambassadors = running = []

    def start(*words, wait=True, **options):
        ambassador = Ambassador(*words, **options)
        running.append(ambassador)
        return ambassador.wait_ready() if wait else ambassador

    yield start
    try:
        if not request.node.failed_already:
            for ambassador in running:
                ambassador.stop()
    finally:
        for ambassador in running:
            ambassador.kill()


@pytest.fixture
def relay_to(start_ambassador):
    """relay_to(url, env={...}): an ambassador with one link named svc to that URL; its .port is where it listens."""

    def start(url, *words, env=None, **options):
        port = free_port()
        ambassador = start_ambassador(*words, env={f"SVC_PORT_{port}_TCP": url, **(env or {})}, **options)
        ambassador.port = port
        return ambassador

    return start


@pytest.fixture
def steered_to(relay_to, tmp_path):
    """As relay_to, and its .control asks and steers it."""

    def start(url, *words, env=None, **options):
        path = tmp_path / f"control-{free_port()}.sock"
        ambassador = relay_to(url, *words, env={"AMBASSADOR_CONTROL": str(path), **(env or {})}, **options)
        ambassador.control = Control(path)
        return ambassador

    return start


@pytest.fixture
def from_file(start_ambassador, tmp_path):
    """from_file(text): an ambassador with a file of links, its .file, that is steered by its .control."""

    def start(text, env=None, **options):
        file, path = tmp_path / "links.toml", tmp_path / "control.sock"
        file.write_text(text)
        ambassador = start_ambassador("--config", str(file),
                                      env={"AMBASSADOR_CONTROL": str(path), **(env or {})}, **options)
        ambassador.file, ambassador.control = file, Control(path)
        return ambassador

    return start


@pytest.fixture
def chain_to(relay_to):
    """chain_to(url): consumer -> near -> far -> url, as on two hosts; connect to the near one's .port."""

    def start(url):
        far = relay_to(url)
        return relay_to(f"tcp://127.0.0.1:{far.port}")

    return start


@pytest.fixture
def service():
    """A listening socket on loopback that the test plays by hand."""
    with Service() as listening:
        yield listening


@pytest.fixture
def network():
    """Hosts and wires in network namespaces made for this test alone."""
    skip_without_namespaces()
    made = Network()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def server():
    """server(SomeServer(...)): starts a real server, and ends it after the test by its process id."""
    started = []

    def start(one):
        started.append(one)
        return one.start()

    yield start
    for one in reversed(started):
        one.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """One PostgreSQL cluster for all tests that talk to it."""
    from support.postgres import Postgres
    with Postgres() as cluster:
        yield cluster
