# SPDX-License-Identifier: Apache-2.0
"""A real nginx behind two ambassadors: 1 GiB down and up, keepalive, and answers that only their FIN ends."""

import hashlib
import http.client

import pytest

from support.bytes import GIB, MIB, noise, noise_blocks, sha256, sha256_of_blocks
from support.peer import Peer
from support.servers import Nginx


@pytest.fixture
def nginx(server):
    return server(Nginx())


@pytest.fixture
def near(chain_to, nginx):
    return chain_to(nginx.url)


def connection_to(near):
    return http.client.HTTPConnection("127.0.0.1", near.port, timeout=60)


def sha256_of_file(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.slow
def test_a_download_of_1_gib_arrives_unchanged(near, nginx):
    with open(nginx.files / "big", "wb") as file:
        for block in noise_blocks(GIB, seed=1):
            file.write(block)
    connection = connection_to(near)
    connection.request("GET", "/big")
    response = connection.getresponse()
    digest, size = hashlib.sha256(), 0
    while block := response.read(MIB):
        digest.update(block)
        size += len(block)
    connection.close()
    assert (response.status, size) == (200, GIB)
    assert digest.hexdigest() == sha256_of_blocks(noise_blocks(GIB, seed=1))


@pytest.mark.slow
def test_an_upload_of_1_gib_arrives_unchanged(near, nginx):
    connection = connection_to(near)
    connection.request("PUT", "/up", body=noise_blocks(GIB, seed=2), headers={"Content-Length": str(GIB)})
    assert connection.getresponse().status == 201
    connection.close()
    assert (nginx.files / "up").stat().st_size == GIB
    assert sha256_of_file(nginx.files / "up") == sha256_of_blocks(noise_blocks(GIB, seed=2))


def test_an_http_1_0_answer_is_ended_by_the_servers_fin_and_nothing_else(near, nginx):
    body = noise(8 * MIB, seed=3)
    (nginx.files / "page").write_bytes(body)
    with Peer.connect(near.port) as peer:
        peer.send(b"GET /page HTTP/1.0\r\n\r\n")
        received = peer.receive_to_end()
    head, _, answer = received.data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert (received.ending, len(answer), sha256(answer)) == ("fin", len(body), sha256(body))


def test_many_requests_share_one_kept_alive_connection(near, nginx):
    (nginx.files / "small").write_bytes(b"harbour")
    connection = connection_to(near)
    connection.connect()
    local_port = connection.sock.getsockname()[1]
    for _ in range(500):
        connection.request("GET", "/small")
        assert connection.getresponse().read() == b"harbour"
    assert connection.sock.getsockname()[1] == local_port
    connection.close()
