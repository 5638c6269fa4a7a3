# SPDX-License-Identifier: Apache-2.0
"""However a UNIX path is spelled, two links cannot both listen there, and none leads to where we listen: through
slashes and dots, a symbolic link to its folder, or one to the socket itself."""

import json

import pytest

from support.ambassador import run_to_end
from support.peer import Peer, echo
from support.ports import free_port

SPELLINGS = {"slashes": "{0}/real//x", "dot": "{0}/real/./x", "dots": "{0}/real/../real/x", "symlink": "{0}/link/x"}


@pytest.fixture
def real(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    return tmp_path / "real" / "x"


@pytest.fixture(params=SPELLINGS.values(), ids=SPELLINGS.keys())
def other(request, tmp_path, real):
    return request.param.format(tmp_path)


def link(name, listen, upstream):
    return f'[links.{name}]\nlisten = "unix://{listen}"\nupstream = "{upstream}"\n'


def test_two_links_that_want_it_are_refused(real, other, service):
    outcome = run_to_end(env={f"A_PORT_{free_port()}_TCP": f"{service.url}?listen=unix://{real}",
                              f"B_PORT_{free_port()}_TCP": f"{service.url}?listen=unix://{other}&idle_timeout=5s"})
    assert outcome.code == 64, outcome
    assert str(real) in outcome.err
    assert list(real.parent.iterdir()) == []


def test_a_reload_that_wants_it_for_another_link_is_rejected(from_file, real, other, service):
    service.serve(echo)
    first = link("a", real, service.url)
    near = from_file(first)
    near.file.write_text(first + link("b", other, service.url + "?idle_timeout=5s"))
    near.wait_event("wiring_rejected")
    with Peer.connect_unix(real) as peer:
        peer.send(b"still here")
        peer.expect(b"still here")


def test_a_reload_that_only_spells_it_differently_keeps_the_socket(from_file, real, other, service):
    near = from_file(link("a", real, service.url))
    inode = real.stat().st_ino
    near.file.write_text(link("a", other, service.url + "?idle_timeout=5s"))
    near.wait_event("wiring_changed")
    with Peer.connect_unix(other):
        assert real.stat().st_ino == inode
        service.accept().close()


def test_a_link_that_leads_there_is_a_loop(real, other):
    outcome = run_to_end(env={f"A_PORT_{free_port()}_TCP": f"unix://{other}?listen=unix://{real}"})
    assert outcome.code == 64, outcome
    assert "this ambassador itself" in outcome.err


def test_a_link_that_leads_there_by_a_link_to_the_socket_is_a_loop(real, tmp_path):
    (tmp_path / "alias").symlink_to(real)
    outcome = run_to_end(env={f"A_PORT_{free_port()}_TCP": f"unix://{tmp_path}/alias?listen=unix://{real}"})
    assert outcome.code == 64, outcome
    assert "this ambassador itself" in outcome.err


def test_a_rewire_that_leads_there_is_refused(steered_to, real, other, service):
    near = steered_to(f"{service.url}?listen=unix://{real}")
    status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": [f"unix://{other}"]})
    assert status == 422
    assert "this ambassador itself" in json.dumps(answer)
