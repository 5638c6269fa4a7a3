# SPDX-License-Identifier: Apache-2.0
"""The token's file is written anew while the program runs: the new token counts, and the old one no more."""

import os

import pytest

from support.api import Api
from support.ports import free_port

OLD, NEW = "the-old-token-0123456789", "the-new-token-0123456789"


@pytest.fixture
def admin(relay_to, service, tmp_path):
    port, file = free_port(), tmp_path / "token"
    file.write_text(OLD + "\n")
    near = relay_to(service.url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}", "AMBASSADOR_ADMIN_TOKEN_FILE": str(file)})
    near.file, near.api = file, Api(("127.0.0.1", port))
    near.status = lambda token: near.api.ask("GET", "/v1/status", None, {
        "Host": f"127.0.0.1:{port}", "Authorization": f"Bearer {token}"}).status
    return near


def in_place(file, text):
    file.write_text(text)


def by_rename(file, text):
    file.with_suffix(".new").write_text(text)
    os.rename(file.with_suffix(".new"), file)


@pytest.mark.parametrize("write", [in_place, by_rename])
def test_the_new_one_counts_and_the_old_one_no_more(admin, write):
    assert (admin.status(OLD), admin.status(NEW)) == (200, 401)
    write(admin.file, NEW + "\n")
    admin.wait_event("token_changed")
    assert (admin.status(OLD), admin.status(NEW)) == (401, 200)


def test_what_is_no_token_leaves_the_old_one(admin):
    in_place(admin.file, "short\n")
    admin.wait_event("token_rejected")
    assert admin.status(OLD) == 200
    assert "short" not in admin.log()


def test_a_fifo_in_its_place_holds_nobody_up(admin):
    admin.file.unlink()
    os.mkfifo(admin.file)
    admin.wait_event("token_rejected")
    assert admin.status(OLD) == 200
