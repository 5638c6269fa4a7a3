# SPDX-License-Identifier: Apache-2.0
"""Connections to the control API that ask and never read: the owner, and whoever has the token, are served."""

import pytest

from support.ambassador import run_to_end
from support.api import Api
from support.hostile_http import TOKEN, Crowd, head
from support.poll import eventually
from support.ports import free_port
from support.processes import cpu_share

ROUNDS = 10


@pytest.fixture
def admin(steered_to, service):
    port = free_port()
    ambassador = steered_to(service.url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}", "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    ambassador.admin = port
    return ambassador


def owner_is_served(admin):
    outcome = run_to_end("healthcheck", env={"AMBASSADOR_CONTROL": admin.control.path})
    assert outcome.code == 0, outcome


def token_is_served(admin):
    fields = {"Host": f"127.0.0.1:{admin.admin}", "Authorization": f"Bearer {TOKEN}"}
    assert Api(("127.0.0.1", admin.admin)).ask("GET", "/v1/status", headers=fields).status == 200


def page_is_served(admin):
    answer = Api(("127.0.0.1", admin.admin)).ask("GET", "/", headers={"Host": f"127.0.0.1:{admin.admin}"})
    assert answer.status == 200


def test_strangers_who_ask_for_the_page(admin):
    with Crowd(("127.0.0.1", admin.admin), 200) as crowd:
        crowd.send(head("GET /page/style.css", admin.admin) * 1000)  # more than all buffers between them and us hold
        crowd.wait_answered()
        eventually(lambda: cpu_share(admin.pid) < 0.1, "every answer stuck")
        for _ in range(ROUNDS):
            owner_is_served(admin)
            token_is_served(admin)
            page_is_served(admin)


def test_those_who_have_the_token(admin):
    with Crowd(("127.0.0.1", admin.admin), 200) as crowd:
        crowd.send(head("GET /metrics", admin.admin, token=True) * 100)
        crowd.wait_answered()
        for _ in range(ROUNDS):
            owner_is_served(admin)
            page_is_served(admin)


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_followers_of_the_events(admin, over):
    place = ("127.0.0.1", admin.admin) if over == "tcp" else admin.control.path
    with Crowd(place, 200) as crowd:
        crowd.send(head("GET /v1/watch?every=500ms", admin.admin, token=True))
        crowd.wait_answered()
        for _ in range(ROUNDS):
            eventually(lambda: run_to_end("healthcheck", env={"AMBASSADOR_CONTROL": admin.control.path}).code == 0,
                       "the owner served")
            page_is_served(admin)
            admin.control.rewire("tcp://127.0.0.1:9", force=True)
