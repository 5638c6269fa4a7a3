# SPDX-License-Identifier: Apache-2.0
"""GET /metrics of the shipped program: the numbers move as what they count does, and those who scrape can read them.
Failure case 53 among others."""

import contextlib
import json
import re
import socket

import pytest

from support.ambassador import ROOT
from support.api import Api
from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port
from support.prometheus import Prometheus, Scrape, promtool
from support.redis import ping, port_behind
from support.servers import Redis

TOKEN = "a-token-for-metrics-0123"
OFTEN = "health_interval=50ms&health_timeout=500ms&health_rise=1&health_fall=1"
DASHBOARD = ROOT / "packaging" / "grafana" / "ambassador.json"
ANSWER = b"+PONG\r\n"


def scrape(ambassador, **headers):
    answer = Api(ambassador.control.path).ask("GET", "/metrics", headers=headers)
    assert answer.status == 200, answer
    return Scrape(answer.body.decode())


def wait_value(ambassador, value, name, /, **labels):
    """That the series has this value; the scrape in which it had."""
    def has():
        found = scrape(ambassador)
        return found if found.value(name, **labels) == value else None
    return eventually(has, lambda: f"{name} {labels} {value}; there is {scrape(ambassador).of(name)}")


def count(found, name):
    return found.value(f"{name}_seconds_count", link="svc")


@pytest.fixture
def near(steered_to, server):
    redis = server(Redis())
    ambassador = steered_to(f"{redis.url}?health=redis&{OFTEN}")
    ambassador.redis = redis
    ambassador.wait_event("endpoint_up")
    return ambassador


def test_the_numbers_move_with_the_traffic_of_redis(near):
    before = scrape(near)
    assert before.value("amb_sessions_opened_total", link="svc") == 0
    assert before.of("amb_sessions_closed_total") == {} and before.of("amb_rtt_seconds") == {}
    for pings in (1, 2, 3):
        with Peer.connect(near.port) as consumer:
            for _ in range(pings):
                ping(consumer)
    wait_value(near, 3, "amb_sessions_closed_total", link="svc", reason="eof", side="both")
    with Peer.connect(near.port) as consumer:
        ping(consumer)
        now = scrape(near)
        assert now.value("amb_sessions", link="svc") == 1
        assert now.total("amb_worker_sessions") == 1
        assert now.total("amb_endpoint_sessions") == 1
        assert count(now, "amb_connect") == count(now, "amb_first_byte") == 4
        assert count(now, "amb_session") == 3
        for side in ("downstream", "upstream"):
            assert 0 < now.value("amb_rtt_seconds", link="svc", side=side) < 5
            assert now.value("amb_retransmitted_segments", link="svc", side=side) is not None
        consumer.reset()
    after = wait_value(near, 1, "amb_sessions_closed_total", link="svc", reason="client_reset", side="downstream")
    assert after.value("amb_sessions_opened_total", link="svc") == 4
    assert after.value("amb_sessions", link="svc") == 0
    assert after.value("amb_bytes_total", link="svc", direction="to_upstream") == 7 * len(b"PING\r\n")
    assert after.value("amb_bytes_total", link="svc", direction="to_downstream") == 7 * len(ANSWER)
    assert count(after, "amb_session") == 4
    assert after.value("amb_events_total", event="session_failed") == 1
    assert after.total("amb_worker_cpu_seconds_total") > before.total("amb_worker_cpu_seconds_total")


def test_histograms_are_cumulative_and_agree_with_their_counts(near):
    for _ in range(5):
        assert port_behind(near.port) == near.redis.port
    found = wait_value(near, 5, "amb_session_seconds_count", link="svc")
    for name in ("amb_connect_seconds", "amb_first_byte_seconds", "amb_session_seconds"):
        buckets = sorted((float(dict(labels)["le"]), value) for labels, value in found.of(f"{name}_bucket").items())
        values = [value for _, value in buckets]
        assert values == sorted(values) and buckets[-1] == (float("inf"), 5), buckets
        assert found.value(f"{name}_count", link="svc") == 5
        assert 0 <= found.value(f"{name}_sum", link="svc") < 5 * 20


def test_a_redis_that_stops_is_seen(near):
    endpoint = f"127.0.0.1:{near.redis.port}"
    up = scrape(near)
    assert up.value("amb_endpoint_up", link="svc", endpoint=endpoint) == 1
    assert up.value("amb_endpoints", link="svc", health="up") == 1
    assert up.value("amb_link_up", link="svc") == 1
    near.redis.end()
    down = wait_value(near, 0, "amb_endpoint_up", link="svc", endpoint=endpoint)
    assert down.value("amb_endpoints", link="svc", health="down") == 1
    assert down.value("amb_endpoints", link="svc", health="up") == 0
    assert down.value("amb_link_up", link="svc") == 0
    assert down.value("amb_events_total", event="endpoint_down") == 1
    near.redis.start()
    wait_value(near, 1, "amb_link_up", link="svc")


def test_the_process_is_measured_against_its_bounds(near):
    found = scrape(near)
    assert found.value("amb_ready") == 1
    assert len(found.of("amb_build_info")) == 1
    assert found.value("amb_sessions_limit") > 0
    assert found.value("amb_log_lines_dropped_total") == 0
    assert found.value("process_resident_memory_bytes") > 1 << 20
    assert 10 < found.value("process_open_fds") < found.value("process_max_fds")
    assert found.value("process_start_time_seconds") > 1_700_000_000
    # Each worker has its line, whatever happened.
    workers = len(found.of("amb_worker_sessions"))
    assert workers > 0
    for name in ("amb_worker_cpu_seconds_total", "amb_accept_errors_total", "amb_accept_pauses_total"):
        assert len(found.of(name)) == workers


def test_a_reload_that_is_turned_down_shows_until_one_succeeds(from_file, service):
    good = f'[links.svc]\nlisten = {free_port()}\nupstream = "{service.url}"\n'
    near = from_file(good)
    assert scrape(near).value("amb_wiring_is_rejected") == 0
    near.file.write_text("[links.svc]\nlisten = 'nowhere'\n")
    found = wait_value(near, 1, "amb_wiring_is_rejected")
    assert found.value("amb_wiring_rejected_total") >= 1
    near.file.write_text(good + 'idle_timeout = "1h"\n')
    found = wait_value(near, 0, "amb_wiring_is_rejected")
    assert found.value("amb_wiring_generation") == 2


def test_a_name_says_how_old_its_answer_is(steered_to, service):
    near = steered_to(f"tcp://localhost:{service.port}")
    found = wait_value(near, 0, "amb_name_failing", name="localhost")
    assert found.value("amb_name_age_seconds", name="localhost") < 60


def test_those_who_check_and_those_who_read_open_metrics_are_pleased(near):
    assert port_behind(near.port) == near.redis.port
    plain = wait_value(near, 1, "amb_session_seconds_count", link="svc")
    promtool("check", "metrics", given=plain.text)
    assert "# EOF" not in plain.text
    asked = Api(near.control.path).ask("GET", "/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"})
    assert asked.fields["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert asked.body.endswith(b"\n# EOF\n") and asked.body.count(b"# EOF") == 1
    assert Scrape(asked.body.decode()).samples.keys() == plain.samples.keys()


def test_the_format_is_the_one_of_the_greater_quality(near):
    def asked(accept):
        return Api(near.control.path).ask("GET", "/metrics", headers={"Accept": accept}).type
    assert asked("application/openmetrics-text;q=0.2, text/plain;q=0.9") == "text/plain"
    assert asked("application/openmetrics-text;q=0, */*") == "text/plain"
    assert asked("application/openmetrics-text;q=0.9, text/plain;q=0.2") == "application/openmetrics-text"


def sessions_from(port, hosts):
    """One after the other, each from another address."""
    for host in hosts:
        with contextlib.closing(socket.create_connection(("127.0.0.1", port), source_address=(host, 0), timeout=20)) as consumer:
            consumer.sendall(b"x")
            assert consumer.recv(1) == b"x"


def test_series_do_not_grow_with_those_who_connect(steered_to, service):
    near = steered_to(service.serve(echo).url)
    sessions_from(near.port, ["127.0.0.1"])
    first = wait_value(near, 1, "amb_sessions_closed_total", link="svc", reason="eof", side="both")
    hosts = [f"127.1.{third}.{fourth}" for third in range(4) for fourth in range(1, 101)]
    sessions_from(near.port, hosts)
    now = wait_value(near, 401, "amb_sessions_closed_total", link="svc", reason="eof", side="both")
    assert now.samples.keys() == first.samples.keys() and "127.1." not in now.text


def test_series_do_not_grow_with_endpoints_that_come_and_go(steered_to, service):
    near = steered_to(service.serve(echo).url)
    sessions_from(near.port, ["127.0.0.1"])
    before = wait_value(near, 1, "amb_sessions_closed_total", link="svc", reason="eof", side="both")
    for number in range(1, 101):
        near.control.rewire(f"tcp://127.2.0.{number}:9", force=True)
    near.control.rewire(service.url)
    after = scrape(near)
    assert "127.2." not in after.text
    extra = after.samples.keys() - before.samples.keys()
    assert {name for name, _ in extra} <= {"amb_events_total"}, extra
    assert after.value("amb_sessions_opened_total", link="svc") == 1, "totals stay"


def test_the_series_of_a_link_that_is_gone_are_gone(from_file, service):
    service.serve(echo)
    links = [f'[links.{name}]\nlisten = {free_port()}\nupstream = "{service.url}"\n' for name in ("stays", "goes")]
    near = from_file("".join(links))
    assert scrape(near).value("amb_link_up", link="goes") == 1
    near.file.write_text(links[0])
    eventually(lambda: scrape(near).value("amb_link_up", link="goes") is None, "the link is gone")
    assert 'link="goes"' not in scrape(near).text
    assert scrape(near).value("amb_link_up", link="stays") == 1


def expressions():
    """Those of the dashboard, its variables put in."""
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    found += [variable["definition"] for variable in board["templating"]["list"] if "definition" in variable]
    for text in found:
        text = re.sub(r"label_values\((.*), \w+\)", r"\1", text)
        yield text.replace("$__rate_interval", "1m").replace("$__range", "1h").replace("$instance", ".*").replace("$link", ".*")


def test_the_dashboard_is_well_formed():
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(panel["title"] and panel["targets"] for panel in panels)
    assert {"instance", "link"} <= {variable["name"] for variable in board["templating"]["list"]}
    boxes = [panel["gridPos"] for panel in board["panels"]]
    cells = [(x, y) for box in boxes for x in range(box["x"], box["x"] + box["w"]) for y in range(box["y"], box["y"] + box["h"])]
    assert len(cells) == len(set(cells)), "panels lie upon one another"
    assert max(x for x, _ in cells) < 24


@pytest.mark.slow
def test_a_real_prometheus_scrapes_it_over_tcp(relay_to, server):
    redis, port = server(Redis()), free_port()
    near = relay_to(f"{redis.url}?health=redis&{OFTEN}",
                    env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}", "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    prometheus = server(Prometheus(f"127.0.0.1:{port}", TOKEN))
    eventually(lambda: [value for _, value in prometheus.query("up")] == [1], lambda: prometheus.ask("/api/v1/targets"))
    assert port_behind(near.port) == redis.port
    eventually(lambda: [value for _, value in prometheus.query('amb_sessions_opened_total{link="svc"}')] == [1],
               "the session in Prometheus")
    (labels, _), = prometheus.query("amb_sessions_opened_total")
    assert labels == {"__name__": "amb_sessions_opened_total", "job": "ambassador", "instance": f"127.0.0.1:{port}", "link": "svc"}
    found = list(expressions())
    assert len(found) > 15
    for expression in found:
        prometheus.query(expression)  # which fails where it cannot be read
    rules = [rule for group in prometheus.ask("/api/v1/rules")["groups"] for rule in group["rules"]]
    assert rules and not [rule for rule in rules if rule["health"] == "err" or rule["state"] == "firing"], rules
    prometheus.end()  # before the ambassador is asked whether it has settled


@pytest.mark.slow
def test_a_prometheus_without_the_token_reads_nothing(relay_to, service, server):
    port = free_port()
    relay_to(service.url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}", "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    prometheus = server(Prometheus(f"127.0.0.1:{port}", TOKEN + "x"))
    eventually(lambda: [value for _, value in prometheus.query("up")] == [0], "a scrape that fails")
    target, = prometheus.ask("/api/v1/targets")["activeTargets"]
    assert "401" in target["lastError"], target
    assert prometheus.query("amb_sessions_opened_total") == []
    prometheus.end()
