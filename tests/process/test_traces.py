# SPDX-License-Identifier: Apache-2.0
"""Each session leaves a span with the collector that AMBASSADOR_TRACES names, and none without it."""

import signal
import time

import pytest

from support.ambassador import run_to_end
from support.api import Api
from support.collector import Collector
from support.peer import Peer, echo, expect_reset_session
from support.poll import eventually
from support.ports import free_port
from support.prometheus import Scrape
from support.redis import ping
from support.servers import Redis

SECRET = "an-api-key-nobody-may-see"


@pytest.fixture
def collector():
    with Collector() as made:
        yield made


def traced(collector, **more):
    return {"AMBASSADOR_TRACES": collector.url, "AMBASSADOR_WORKERS": "1", **more}



def echoed(near, text=b"hello"):
    with Peer.connect(near.port) as consumer:
        consumer.send(text)
        consumer.expect(text)
        consumer.finish()
        consumer.expect_fin()


def test_a_session_of_redis_is_told_whole(relay_to, server, collector):
    redis = server(Redis())
    before = time.time() * 1000
    near = relay_to(redis.url, env=traced(collector))
    with Peer.connect(near.port) as consumer:
        consumer_port = consumer.socket.getsockname()[1]
        ping(consumer)
    span, = collector.wait_spans(1)
    assert span.name == "session svc"
    assert span.attributes == {
        "ambassador.link": "svc", "network.transport": "tcp", "client.address": "127.0.0.1", "client.port": consumer_port,
        "network.peer.address": "127.0.0.1", "network.peer.port": redis.port, "network.protocol.name": "redis",
        "ambassador.bytes.to_upstream": 6, "ambassador.bytes.to_downstream": 7, "ambassador.relay": "copy",
        "ambassador.close.reason": "eof", "ambassador.close.side": "both"}
    assert span.status == {}
    assert before - 1 <= span.start_ms <= span.events["connected"] <= span.end_ms <= time.time() * 1000 + 1
    assert span.resource["service.name"] == "ambassador"
    assert span.resource["service.version"] and span.resource["service.instance.id"]
    path, fields = collector.requests[0]
    assert path == "/v1/traces" and fields["User-Agent"].startswith("ambassador/")


def test_each_session_is_a_trace_of_its_own(relay_to, service, collector):
    service.serve(echo)
    near = relay_to(service.url, env=traced(collector))
    for _ in range(20):
        echoed(near)
    spans = collector.wait_spans(20)
    assert len({span.trace for span in spans}) == len({span.id for span in spans}) == 20


def test_a_provider_that_cannot_be_reached_is_an_error(relay_to, collector):
    near = relay_to(f"tcp://127.0.0.1:{free_port()}", env=traced(collector))
    expect_reset_session(near.port)
    span, = collector.wait_spans(1)
    assert span.attributes["error.type"] == span.attributes["ambassador.close.reason"] == "connect_refused"
    assert span.status == {"code": 2, "message": "Connection refused"}
    assert span.events == {}


def test_a_consumer_that_leaves_is_none(relay_to, service, collector):
    near = relay_to(service.url, env=traced(collector))
    with Peer.connect(near.port) as consumer:
        provider = service.accept()
        consumer.send(b"x")
        provider.expect(b"x")
        consumer.reset()
        provider.expect_reset()
        provider.close()
    span, = collector.wait_spans(1)
    assert span.attributes["ambassador.close.reason"] == "client_reset" and span.status == {}


def test_without_the_setting_nobody_is_asked(relay_to, service, collector):
    service.serve(echo)
    near = relay_to(service.url, env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_RESOURCE_ATTRIBUTES": "not valid"})
    echoed(near)
    near.stop()
    assert collector.requests == []


@pytest.mark.parametrize("sample, ended, failed", [("all", 20, 1), ("errors", 0, 1), ("10%", 2, 1)])
def test_as_many_as_were_asked_for(steered_to, service, collector, sample, ended, failed):
    service.serve(echo)
    near = steered_to(service.url, env=traced(collector, AMBASSADOR_TRACES_SAMPLE=sample, AMBASSADOR_RECORDS="off"))
    for _ in range(20):
        echoed(near)
    near.control.rewire(f"tcp://127.0.0.1:{free_port()}", force=True)
    expect_reset_session(near.port)
    collector.wait_spans(ended + failed)
    near.stop()
    reasons = [span.attributes["ambassador.close.reason"] for span in collector.spans]
    assert (reasons.count("eof"), reasons.count("connect_refused")) == (ended, failed)
    assert near.events("session_ended") == [] == near.events("session_failed"), "records are another choice"


def test_it_says_who_it_is_as_the_world_does(relay_to, service, collector):
    service.serve(echo)
    near = relay_to(service.url, env=traced(collector, OTEL_SERVICE_NAME="shop-redis", OTEL_RESOURCE_ATTRIBUTES=
                                            "service.namespace=shop,deployment.environment.name=eu%20west,service.name=other",
                                            OTEL_EXPORTER_OTLP_HEADERS=f"x-api-key={SECRET},X-Scope=a%2Cb"))
    echoed(near)
    span, = collector.wait_spans(1)
    assert span.resource["service.name"] == "shop-redis"
    assert span.resource["service.namespace"] == "shop"
    assert span.resource["deployment.environment.name"] == "eu west"
    fields = {name.lower(): value for name, value in collector.requests[0][1].items()}
    assert (fields["x-api-key"], fields["x-scope"]) == (SECRET, "a,b")


def test_a_key_is_nowhere_to_be_read(steered_to, service, collector):
    service.serve(echo)
    env = traced(collector, OTEL_EXPORTER_OTLP_HEADERS=f"x-api-key={SECRET}", AMBASSADOR_LOG_LEVEL="debug")
    near = steered_to(service.url, env=env)
    collector.answers.append((401, {}, SECRET.encode()))
    echoed(near)
    near.wait_event("traces_failed")
    api = Api(near.control.path)
    for target in ("/v1/wiring", "/v1/status", "/metrics"):
        assert SECRET.encode() not in api.ask("GET", target).body, target
    assert SECRET not in near.log()
    outcome = run_to_end("check", "--json", env={**env, "SVC_PORT_1_TCP": "tcp://a:1"})
    assert SECRET not in outcome.out + outcome.err
    outcome = run_to_end("check", env={**env, "OTEL_EXPORTER_OTLP_HEADERS": f"no field={SECRET}\n", "SVC_PORT_1_TCP": "tcp://a:1"})
    assert outcome.code == 64 and SECRET not in outcome.out + outcome.err and "OTEL_EXPORTER_OTLP_HEADERS" in outcome.out + outcome.err


def test_the_last_spans_are_sent_before_the_program_ends(relay_to, service, collector):
    service.serve(echo)
    near = relay_to(service.url, env=traced(collector))
    consumers = [Peer.connect(near.port) for _ in range(3)]
    for consumer in consumers:
        consumer.send(b"hello")
        consumer.expect(b"hello")
    near.signal(signal.SIGTERM)
    near.wait_event("stopping")
    for consumer in consumers:
        consumer.finish()
        consumer.expect_fin()
        consumer.close()
    assert near.wait_exit() == 0
    assert len(collector.spans) == 3


def test_metrics_count_what_was_sent(steered_to, service, collector):
    service.serve(echo)
    near = steered_to(service.url, env=traced(collector))
    echoed(near)
    echoed(near)
    collector.wait_spans(2)

    def found():
        return Scrape(Api(near.control.path).ask("GET", "/metrics").body.decode())
    eventually(lambda: found().value("amb_spans_exported_total") == 2, "two spans")
    assert found().value("amb_spans_dropped_total") == found().value("amb_trace_export_failures_total") == 0
