# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL, its roles and its standby behind a link that asks them how they are."""

import base64
import hashlib
import hmac
import os
import subprocess
import urllib.parse

import pytest

from support.poll import eventually
from support.postgres import Postgres, Standby, psql

OFTEN = "health_interval=50ms&health_timeout=2s&health_rise=1&health_fall=2"
# A proof by SCRAM is thousands of hashes: asked for every 50 ms, it would keep a slow build as busy as a spinning loop.
SELDOM = "health_interval=1s&health_timeout=2s&health_rise=1&health_fall=1"


@pytest.fixture(scope="module")
def cluster():
    with Postgres() as primary:
        yield primary


def sql(server, statement):
    done = psql(server.port, statement)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def relay(relay_to, server, health, timing=OFTEN):
    return relay_to(f"{server.url}?health={health}&{timing}")


def up_reason(near):
    return near.wait_event("endpoint_up")["reason"]


def down_reason(near):
    return near.wait_event("endpoint_down")["reason"]


def test_a_server_is_up_down_while_it_is_stopped_and_up_again(relay_to):
    with Postgres() as primary:
        near = relay(relay_to, primary, "postgres")
        assert up_reason(near) == "it takes sessions"
        primary.end()
        near.wait_event("endpoint_down")
        near.wait_event("link_unavailable")
        primary.start()
        near.wait_event("link_available")
        assert sql(near, "SELECT 1") == "1"


@pytest.mark.parametrize("method", ["scram-sha-256", "md5", "password"])
def test_a_role_with_a_password_is_logged_in(relay_to, cluster, method):
    encryption = method if method == "md5" else "scram-sha-256"
    role = "probe_" + method.replace("-", "_")
    sql(cluster, f"SET password_encryption = '{encryption}'; CREATE ROLE {role} LOGIN PASSWORD 'open sesame'")
    cluster.demand_password(role, method)
    login = f"&health_user={role}&health_database=postgres&health_password="
    near = relay(relay_to, cluster, f"postgres-primary{login}open%20sesame", SELDOM)
    assert up_reason(near) == "it is the primary"
    assert "sesame" not in near.log()
    near = relay(relay_to, cluster, f"postgres{login}open%20sesame", SELDOM)
    assert up_reason(near) == "it takes sessions"
    near = relay(relay_to, cluster, f"postgres-primary{login}close%20sesame", SELDOM)
    assert "password authentication failed" in down_reason(near)
    near = relay(relay_to, cluster, f"postgres-primary&health_user={role}", SELDOM)
    assert down_reason(near) == f"it asks {role} for a password, and none is given"


@pytest.mark.parametrize("password", ["open\u00a0sesame", "\ufb01sh", "cafe\u0301", "\u00adsoft", "\u00e9", "\U0001f600"])
def test_a_password_beyond_ascii_is_prepared_as_psql_does(relay_to, cluster, password):
    sql(cluster, "DROP ROLE IF EXISTS typist; SET password_encryption = 'scram-sha-256';"
                 f" CREATE ROLE typist LOGIN PASSWORD '{password}'")
    cluster.demand_password("typist", "scram-sha-256")
    near = relay(relay_to, cluster, "postgres-primary&health_user=typist&health_database=postgres&health_password="
                 + urllib.parse.quote(password), SELDOM)
    assert up_reason(near) == "it is the primary"


def test_a_role_whose_password_wants_many_rounds_is_logged_in(relay_to, cluster):
    """As PostgreSQL 16 stores it with scram_iterations = 200000; an older one checks it all the same."""
    rounds = 200_000
    sql(cluster, f"CREATE ROLE careful LOGIN PASSWORD '{scram_secret('open sesame', rounds)}'")
    cluster.demand_password("careful", "scram-sha-256")
    near = relay(relay_to, cluster, "postgres&health_user=careful&health_database=postgres"
                 "&health_password=open%20sesame", "health_interval=100ms&health_timeout=20s")
    assert up_reason(near) == "it takes sessions"


def scram_secret(password, rounds):
    salt = os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(key, b"Client Key", "sha256")).digest()
    server = hmac.digest(key, b"Server Key", "sha256")
    salt, stored, server = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${rounds}:{salt}${stored}:{server}"


def test_a_demand_for_a_password_is_an_answer_and_leaves_no_line_in_the_servers_log(relay_to, cluster):
    sql(cluster, "CREATE ROLE locked LOGIN PASSWORD 'x'")
    cluster.demand_password("locked", "scram-sha-256")
    before = (cluster.directory / "output").read_text()
    near = relay(relay_to, cluster, "postgres&health_user=locked")
    assert up_reason(near) == "it asks for a password"
    near = relay(relay_to, cluster, "postgres-primary")
    assert up_reason(near) == "it is the primary"
    assert (cluster.directory / "output").read_text() == before


def test_a_database_that_is_missing_is_down_when_it_was_asked_for(relay_to, cluster):
    near = relay(relay_to, cluster, "postgres&health_database=shop")
    assert down_reason(near) == r'it answers: database \"shop\" does not exist (3D000)'
    sql(cluster, "CREATE DATABASE shop")
    assert up_reason(near) == "it takes sessions"


def test_a_standby_gets_no_sessions_until_it_is_promoted(relay_to):
    with Postgres() as primary, Standby(primary) as standby:
        near = relay_to(f"{standby.url}?health=postgres-primary&{OFTEN},{primary.url}")
        near.wait_event("endpoint_up", endpoint=f"{primary.host}:{primary.port}")
        told = near.wait_event("endpoint_standby", endpoint=f"{standby.host}:{standby.port}")
        assert (told["level"], told["reason"]) == ("info", "it is in recovery")
        assert near.events("endpoint_down") == []
        assert sql(near, "SHOW port") == str(primary.port)
        primary.process.kill()
        primary.process.wait()
        near.wait_event("endpoint_down", endpoint=f"{primary.host}:{primary.port}")
        assert sql(standby, "SELECT pg_promote()") == "t"
        near.wait_event("endpoint_up", endpoint=f"{standby.host}:{standby.port}")
        eventually(lambda: psql(near.port, "SHOW port").stdout.decode().strip() == str(standby.port),
                   "sessions reach the promoted one")


def test_a_server_without_room_for_sessions_is_down(relay_to, cluster):
    sql(cluster, "CREATE ROLE single LOGIN")
    holding = subprocess.Popen(["psql", "-X", "-h", cluster.host, "-p", str(cluster.port), "-U", "single", "postgres"],
                               stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: sql(cluster, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'single'") == "1",
                   "a session of that role")
        sql(cluster, "ALTER ROLE single CONNECTION LIMIT 1")
        near = relay(relay_to, cluster, "postgres&health_user=single&health_database=postgres")
        assert "too many connections for role" in down_reason(near)
    finally:
        holding.communicate(timeout=30)
    assert up_reason(near) == "it takes sessions"
