# SPDX-License-Identifier: Apache-2.0
"""An ambassador with two links for the tests of its commands: one that leads somewhere, one whose endpoint is down."""

import json

import pytest

from support.ambassador import run_to_end
from support.peer import Peer, Service, echo
from support.ports import free_port


class Steered:
    """An ambassador with two links, and its commands."""

    def __init__(self, ambassador, ports, tmp_path):
        self.ambassador, self.ports = ambassador, ports
        self.env = {"AMBASSADOR_CONTROL": str(tmp_path / "control.sock")}

    def run(self, *words, env=None, within=20):
        return run_to_end(*words, env={**self.env, **(env or {})}, within=within)

    def link(self, name="redis"):
        links = json.loads(self.run("status", "--json").out)["links"]
        return next(link for link in links if link["name"] == name)


@pytest.fixture
def other():
    with Service() as listening:
        yield listening.serve(echo)


@pytest.fixture
def steered(from_file, service, tmp_path):
    ports = free_port(), free_port()
    ambassador = from_file(f'[links.redis]\nlisten = {ports[0]}\nupstream = "{service.serve(echo).url}"\n'
                           f'[links."db.main"]\nlisten = {ports[1]}\nupstream = "tcp://127.0.0.1:9"\nhealth = "tcp"\n')
    ambassador.wait_event("endpoint_down")
    return Steered(ambassador, ports, tmp_path)


def consumer_of(port):
    consumer = Peer.connect(port)
    consumer.send(b"hello")
    consumer.expect(b"hello")
    return consumer
