# SPDX-License-Identifier: Apache-2.0
"""bench/load counts every answer, knows of those that never came, and accepts no wrong one."""

import json
import pathlib
import socketserver
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from comparison import load  # noqa: E402

PING, PONG = b"PING\r\n", b"+PONG\r\n"


class Server(socketserver.ThreadingTCPServer):
    """Answers each PING of a connection with what `answer(how many there were before)` gives."""
    daemon_threads = allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, answer):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                asked = 0
                while self.rfile.read(len(PING)) == PING:
                    self.wfile.write(answer(asked))
                    asked += 1
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0

    def verify_request(self, request, address):
        self.connections += 1
        return True


@pytest.fixture(scope="module", autouse=True)
def program():
    load.build()


@pytest.fixture
def serve():
    running = []

    def start(answer=lambda _: PONG):
        running.append(Server(answer))
        threading.Thread(target=running[-1].serve_forever, daemon=True).start()
        return running[-1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def run(server, busy, idle=0, rate=0, seconds=0.3, go="\n"):
    port = str(server.server_address[1])
    words = [load.PROGRAM, "127.0.0.1", port, port, str(busy), str(idle), str(rate), str(seconds)]
    return subprocess.run(words, input=go, capture_output=True, text=True, timeout=60, check=False)


def outcome(done):
    ready, found = done.stdout.splitlines()
    assert (done.returncode, ready) == (0, "ready")
    return json.loads(found)


@pytest.mark.parametrize("rate", [0, 500], ids=["closed loop", "open loop"])
def test_every_answer_is_counted_and_quantiles_are_in_order(serve, rate):
    found = outcome(run(serve(), busy=5, rate=rate))
    assert found["answered"] > 0 and found["unanswered"] == 0
    assert 0 < found["p50_us"] <= found["p99_us"] <= found["p999_us"] <= found["most_us"]


def test_an_open_loop_goes_on_asking_while_nobody_answers(serve):
    # The warm-up asks 300 times; soon after it there are no more answers.
    found = outcome(run(serve(lambda asked: PONG if asked < 400 else b""), busy=1, rate=1000, seconds=1))
    assert found["unanswered"] > 100


def test_connections_may_rest(serve):
    server = serve()
    done = run(server, busy=0, idle=20, go="")
    assert (done.returncode, done.stdout, server.connections) == (0, "ready\n", 20)


def test_a_wrong_answer_ends_it(serve):
    done = run(serve(lambda asked: PONG if asked < 3 else b"-ERROR\r"), busy=1)
    assert done.returncode == 1 and "an answer is wrong" in done.stderr


def test_a_closed_connection_ends_it(serve):
    def close_at_the_fourth(asked):
        if asked == 3:
            raise ConnectionError
        return PONG

    server = serve(close_at_the_fourth)
    server.handle_error = lambda *_: None
    done = run(server, busy=1)
    assert done.returncode == 1 and "the relay closed a connection" in done.stderr
