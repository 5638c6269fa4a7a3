# SPDX-License-Identifier: Apache-2.0
"""A pod's environment names every service of its namespace: none is opened unless AMBASSADOR_LINKS names it."""

import json

from support.ambassador import run_to_end
from support.peer import Peer, echo
from support.ports import free_port

SERVICES = 300


def pod(own_name=None, own_port=None, own_url=None):
    """What Kubernetes sets, for 300 services and the API server, each on a port of its own."""
    environment = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443",
                   "KUBERNETES_SERVICE_PORT_HTTPS": "443"}
    services = [("KUBERNETES", "10.96.0.1", 443)]
    services += [(f"SERVICE_{n}", f"10.96.{n // 200}.{n % 200 + 2}", 2000 + n) for n in range(SERVICES)]
    for name, address, port in services:
        environment |= service_variables(name, address, port, f"tcp://{address}:{port}")
    if own_name:
        environment |= service_variables(own_name, "127.0.0.1", own_port, own_url)
    return environment


def service_variables(name, address, port, url):
    return {f"{name}_SERVICE_HOST": address, f"{name}_SERVICE_PORT": str(port), f"{name}_PORT": url,
            f"{name}_PORT_{port}_TCP": url, f"{name}_PORT_{port}_TCP_PROTO": "tcp",
            f"{name}_PORT_{port}_TCP_PORT": str(port), f"{name}_PORT_{port}_TCP_ADDR": address}


def test_a_pods_environment_alone_is_refused_with_a_hint_and_opens_nothing():
    outcome = run_to_end(env=pod())
    assert outcome.code == 64, outcome
    assert "AMBASSADOR_LINKS" in outcome.err
    assert not outcome.records.of("listening")


def test_exactly_the_named_services_are_opened(start_ambassador, service):
    service.serve(echo)
    port = free_port()
    environment = pod("CACHE", port, service.url) | {"AMBASSADOR_LINKS": "cache"}
    near = start_ambassador(env=environment)
    assert {record["address"].rsplit(":", 1)[1] for record in near.events("listening")} == {str(port)}
    with Peer.connect(port) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")


def test_the_api_server_is_opened_only_by_its_own_name():
    outcome = run_to_end("check", "--json", env=pod() | {"AMBASSADOR_LINKS": "kubernetes"})
    report = json.loads(outcome.out)
    assert [link["name"] for link in report["links"]] == ["kubernetes"]
    assert outcome.code == 0


def test_a_name_that_no_service_has_is_refused():
    outcome = run_to_end(env=pod() | {"AMBASSADOR_LINKS": "cash"})
    assert outcome.code == 64
    assert "cash" in outcome.err
