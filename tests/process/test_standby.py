# SPDX-License-Identifier: Apache-2.0
"""A healthy replica where the primary is wanted: everything that shows endpoints calls it a standby, and nothing raises
an alarm."""

import json

import pytest

from support.ambassador import run_to_end
from support.api import Api
from support.poll import eventually
from support.ports import free_port
from support.prometheus import ALERTS, Scrape, promtool
from support.redis import Replica, port_behind
from support.servers import Redis

yaml = pytest.importorskip("yaml", reason="python3-yaml is missing")

PRIMARY = "health=redis-primary&health_interval=50ms&health_timeout=500ms&health_rise=1&health_fall=2"


def address(redis):
    return f"{redis.host}:{redis.port}"


@pytest.fixture
def pair(server):
    primary = server(Redis())
    return primary, server(Replica(primary))


def command(near, *words):
    return run_to_end(*words, env={"AMBASSADOR_CONTROL": near.control.path})


def scrape(near):
    answer = Api(near.control.path).ask("GET", "/metrics")
    assert answer.status == 200, answer
    return Scrape(answer.body.decode())


def expect_alert_about_nothing_but(endpoint, near, folder):
    """What the rules in packaging fire after ten minutes in which the numbers of endpoints stay as they are now."""
    series = [{"series": name + "{" + ",".join(f'{key}="{value}"' for key, value in sorted(labels)) + "}",
               "values": f"{int(value)}x15"}
              for (name, labels), value in scrape(near).samples.items() if name.startswith("amb_endpoint")]
    fires = (f'ALERTS{{alertname="AmbassadorEndpointDown",alertstate="firing",endpoint="{endpoint}",link="svc",'
             'severity="warning"}')
    play = folder / "play.yml"
    play.write_text(yaml.safe_dump({
        "rule_files": [str(ALERTS)], "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [
            {"expr": 'ALERTS{alertstate="firing"}', "eval_time": "10m", "exp_samples": [{"labels": fires, "value": 1}]}]}]}))
    assert "SUCCESS" in promtool("test", "rules", str(play))


def endpoints_of(near):
    return [(one["health"], one["address"]) for one in near.control.link()["endpoints"]]


def test_it_is_shown_as_one_and_nothing_is_said_to_be_wrong(steered_to, pair):
    primary, replica = pair
    near = steered_to(f"{replica.url}?{PRIMARY},{primary.url}")
    near.wait_event("endpoint_standby", endpoint=address(replica))
    near.wait_event("endpoint_up", endpoint=address(primary))
    assert port_behind(near.port) == primary.port
    assert endpoints_of(near) == [("standby", address(replica)), ("up", address(primary))]
    shown = command(near, "status").out
    assert f"{address(replica)}  standby" in shown and f"it is a replica of {address(primary)}" in shown, shown
    assert json.loads(command(near, "why", "svc", "--json").out)["failures"] == []
    assert command(near, "healthcheck", "--ready").out == "ready\n"
    found = scrape(near)
    assert found.value("amb_endpoints", link="svc", health="standby") == 1
    assert found.value("amb_endpoints", link="svc", health="down") == 0
    assert found.value("amb_endpoint_up", link="svc", endpoint=address(replica)) is None
    assert found.value("amb_endpoint_standby", link="svc", endpoint=address(replica)) == 1
    assert found.value("amb_endpoint_standby", link="svc", endpoint=address(primary)) == 0
    assert found.value("amb_events_total", event="endpoint_standby") == 1
    assert near.events("endpoint_down") == []


def test_no_alert_fires_for_it_and_one_does_for_an_endpoint_that_is_down(steered_to, pair, tmp_path):
    primary, replica = pair
    nobody = f"127.0.0.1:{free_port()}"
    near = steered_to(f"{replica.url}?{PRIMARY},{primary.url},tcp://{nobody}")
    eventually(lambda: [health for health, _ in endpoints_of(near)] == ["standby", "up", "down"], lambda: endpoints_of(near))
    expect_alert_about_nothing_but(nobody, near, tmp_path)


def test_a_link_with_nothing_else_is_down_and_says_why(steered_to, pair):
    primary, replica = pair
    near = steered_to(f"{replica.url}?{PRIMARY}")
    told = near.wait_event("link_unavailable", link="svc")
    assert told["reason"] == f"{address(replica)}: it is a replica of {address(primary)}"
    assert near.control.link()["state"] == "down"
    assert f"it is a replica of {address(primary)}" in command(near, "why", "svc").out
    assert scrape(near).value("amb_link_up", link="svc") == 0
