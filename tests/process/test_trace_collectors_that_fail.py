# SPDX-License-Identifier: Apache-2.0
"""Whatever a collector of traces does, sessions do not notice, memory stays bounded, and what was lost is counted."""

import signal
import threading

import pytest

from support.api import Api
from support.collector import Collector
from support.peer import Peer, Service, echo
from support.poll import eventually
from support.ports import free_port
from support.processes import resident_bytes
from support.prometheus import Scrape

QUEUE = 2048


def value(near, name):
    return Scrape(Api(near.control.path).ask("GET", "/metrics").body.decode()).value(name)


def wait_value(near, name, wanted):
    eventually(lambda: value(near, name) == wanted, lambda: f"{name} {wanted}; it is {value(near, name)}")


def sessions(near, count):
    for _ in range(count):
        with Peer.connect(near.port) as consumer:
            consumer.send(b"hello")
            consumer.expect(b"hello")
            consumer.finish()
            consumer.expect_fin()


@pytest.fixture
def near_to(steered_to, service):
    service.serve(echo)

    def start(url):
        return steered_to(service.url, env={"AMBASSADOR_TRACES": url})
    return start


def test_spans_wait_for_a_collector_that_is_not_there_yet(near_to):
    port = free_port()
    near = near_to(f"http://127.0.0.1:{port}")
    sessions(near, 5)
    failed = near.wait_event("traces_failed")
    assert failed["collector"] == f"127.0.0.1:{port}" and "refused" in failed["error"]
    with Collector(port) as collector:
        collector.wait_spans(5)
        near.wait_event("traces_back")
    assert len(near.events("traces_failed")) == 1, "it is told once"
    wait_value(near, "amb_spans_dropped_total", 0)


def test_a_collector_that_is_busy_is_asked_again_when_it_says(near_to):
    with Collector() as collector:
        near = near_to(collector.url)
        collector.answers += [(503, {"Retry-After": "1"}, b"later"), (429, {}, b"")]
        sessions(near, 1)
        collector.wait_spans(1)
        assert len(collector.requests) == 3
        assert value(near, "amb_trace_export_failures_total") == 2


def end_with_spans_for(near):
    sessions(near, 3)
    near.settles = False
    near.signal(signal.SIGTERM)
    assert near.wait_exit(within=15) == 0


def test_at_the_end_a_busy_collector_is_asked_a_few_times_at_most(near_to):
    with Collector() as collector:
        near = near_to(collector.url)
        collector.answers += [(503, {}, b"later")] * 10_000
        end_with_spans_for(near)
        assert 1 <= len(collector.requests) <= 5


def test_at_the_end_a_collector_is_not_asked_before_it_said(near_to):
    with Collector() as collector:
        near = near_to(collector.url)
        collector.answers += [(503, {"Retry-After": "100"}, b"later")] * 10_000
        end_with_spans_for(near)
        assert len(collector.requests) == 1


def test_what_a_collector_refuses_is_dropped_and_counted(near_to):
    with Collector() as collector:
        near = near_to(collector.url)
        collector.answers.append((400, {}, b"no"))
        sessions(near, 2)
        failed = near.wait_event("traces_failed")
        assert "400" in failed["error"] and "dropped" in failed["consequence"]
        sessions(near, 1)
        collector.wait_spans(1)
        assert value(near, "amb_spans_dropped_total") >= 1
        eventually(lambda: value(near, "amb_spans_dropped_total") + value(near, "amb_spans_exported_total") == 3, "all are counted")


def test_what_a_collector_takes_in_part_is_counted_in_part(near_to):
    with Collector() as collector:
        near = near_to(collector.url)
        collector.answers.append((200, {}, b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}'))
        sessions(near, 1)
        assert near.wait_event("traces_failed")["error"] == "too old"
        wait_value(near, "amb_spans_dropped_total", 1)


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 200_000,
                                    b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"y" * 100_000, b"HTTP/1.1 200 OK\r\nContent-Le"],
                         ids=["nothing", "nonsense", "a body without end", "a head without end", "half a head"])
def test_a_collector_that_lies_is_no_harm(near_to, answer):
    def say(peer):
        peer.socket.recv(65536)
        peer.send(answer)
    with Service().serve(say) as liar:
        near = near_to(f"http://127.0.0.1:{liar.port}")
        sessions(near, 3)
        if b"200 OK\r\nContent-Length" not in answer:
            near.wait_event("traces_failed")
        sessions(near, 3)
        near.settles = False  # an attempt may be under way
        near.stop()


def test_a_collector_that_never_answers_holds_nobody_up_and_memory_stays_bounded(near_to):
    silent = Service()
    near = near_to(f"http://127.0.0.1:{silent.port}")
    sessions(near, QUEUE)  # so that everything has been made that is ever made
    before = resident_bytes(near.pid)
    threads = [threading.Thread(target=sessions, args=(near, 1500)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: value(near, "amb_spans_dropped_total") > 0, "what the queue cannot hold is counted")
    assert resident_bytes(near.pid) - before < 8 * 1024 * 1024
    near.settles = False
    near.signal(signal.SIGTERM)
    assert near.wait_exit(within=15) == 0
    silent.close()
