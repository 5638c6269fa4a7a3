# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL behind two ambassadors: load, bulk copies both ways, cancel requests and notifications."""

import hashlib
import subprocess

import pytest

from support.bytes import MIB
from support.poll import eventually
from support.postgres import psql

ROW_BYTES = 1024
ROWS = 100 * MIB // ROW_BYTES


@pytest.fixture
def near(chain_to, postgres):
    return chain_to(postgres.url)


def run(statement, near, *options, **run_options):
    done = psql(near.port, statement, *options, **run_options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def rows():
    """Text that COPY reads as rows of one column, no row like another."""
    filler = "".join(chr(ord("a") + index % 26) for index in range(ROW_BYTES - 9))
    return b"".join(f"{number:08d}{filler}\n".encode() for number in range(ROWS))


def test_pgbench_initialises_and_runs(near):
    where = ["-h", "127.0.0.1", "-p", str(near.port), "-U", "postgres", "postgres"]
    for arguments in (["-i", "-q", "-s", "1"], ["-n", "-c", "8", "-j", "2", "-t", "100"]):
        done = subprocess.run(["pgbench", *arguments, *where], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    assert "number of transactions actually processed: 800/800" in done.stdout
    assert near.failures() == []


def test_copy_carries_100_mib_in_and_out_unchanged(near):
    data = rows()
    run("DROP TABLE IF EXISTS bulk; CREATE UNLOGGED TABLE bulk (line text)", near)
    run("COPY bulk FROM STDIN", near, input=data)
    out = psql(near.port, "COPY bulk TO STDOUT")
    assert out.returncode == 0, out.stderr.decode()
    assert (len(out.stdout), hashlib.sha256(out.stdout).hexdigest()) == (len(data), hashlib.sha256(data).hexdigest())
    run("DROP TABLE bulk", near)
    assert near.failures() == []


def test_a_cancel_request_on_a_second_connection_stops_the_query_on_the_first(near):
    sleeping = subprocess.Popen(
        ["psql", "-X", "-h", "127.0.0.1", "-p", str(near.port), "-U", "postgres", "-c", "SELECT pg_sleep(600)"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        eventually(lambda: run("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' "
                               "AND wait_event = 'PgSleep'", near) == "1", "the query is running", every=0.1)
        sleeping.send_signal(2)  # psql answers Ctrl-C with a cancel request on a connection of its own
        _, error = sleeping.communicate(timeout=30)
    finally:
        sleeping.kill()
        sleeping.wait()
    assert b"canceling statement due to user request" in error


def test_a_listener_hears_a_notification_sent_through_another_connection(near):
    listener = subprocess.Popen(
        ["psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(near.port), "-U", "postgres", "postgres"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        listener.stdin.write(b"LISTEN harbour;\nSELECT 'listening';\n")
        listener.stdin.flush()
        assert listener.stdout.readline() == b"listening\n"
        run("NOTIFY harbour, 'ship ahoy'", near)
        out, _ = listener.communicate(b"SELECT 'after';\n", timeout=30)  # psql prints notifications after a query
    finally:
        listener.kill()
        listener.wait()
    assert b'Asynchronous notification "harbour" with payload "ship ahoy" received' in out
