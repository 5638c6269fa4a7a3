# SPDX-License-Identifier: Apache-2.0
"""The alert rules of packaging/prometheus, played by promtool: each fires when it should, and not before."""

import pytest

from support.prometheus import ALERTS, promtool

yaml = pytest.importorskip("yaml", reason="python3-yaml is missing")

RULES = {rule["alert"]: rule for group in yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
         for rule in group["rules"]}
AT = {"job": "ambassador", "instance": "host:9900"}

# (alert, [(metric, its labels, a value for each minute)], the last minute before it fires, the first in which it does,
# its labels beside those of the target)
PLAYS = [
    ("AmbassadorDown", [("up", {}, "1 1 0x9")], 2, 3, {}),
    ("AmbassadorLinkDown", [("amb_link_up", {"link": "db"}, "1 1 0x9"), ("amb_link_up", {"link": "web"}, "1x9")], 2, 3,
     {"link": "db"}),
    ("AmbassadorEndpointDown", [("amb_endpoint_up", {"link": "db", "endpoint": "10.0.0.1:1"}, "1 1 0x9"),
                                ("amb_endpoint_up", {"link": "db", "endpoint": "10.0.0.2:1"}, "1x9"),
                                ("amb_endpoint_standby", {"link": "db", "endpoint": "10.0.0.3:1"}, "1x9")], 3, 4,
     {"link": "db", "endpoint": "10.0.0.1:1"}),
    ("AmbassadorReloadRejected", [("amb_wiring_is_rejected", {}, "0 0 1x9")], 1, 2, {}),
    ("AmbassadorLogLinesDropped", [("amb_log_lines_dropped_total", {}, "7 7 9x9")], 1, 2, {}),
    ("AmbassadorSessionsNearLimit", [("amb_worker_sessions", {"worker": "0"}, "40 40 41x9"),
                                     ("amb_worker_sessions", {"worker": "1"}, "40x11"),
                                     ("amb_sessions_limit", {}, "100x11")], 6, 7, {}),
    ("AmbassadorSessionLimitReached", [("amb_accept_pauses_total", {"worker": "0"}, "0x11"),
                                       ("amb_accept_pauses_total", {"worker": "1"}, "5 5 6x9")], 1, 2, {}),
    ("AmbassadorAcceptErrors", [("amb_accept_errors_total", {"worker": "0"}, "0x11"),
                                ("amb_accept_errors_total", {"worker": "1"}, "5 5 6x9")], 1, 2, {}),
    ("AmbassadorNameFailing", [("amb_name_failing", {"name": "redis"}, "0 1x9"),
                               ("amb_name_age_seconds", {"name": "redis"}, "0+60x10"),
                               ("amb_name_failing", {"name": "quiet"}, "0x10"),
                               ("amb_name_age_seconds", {"name": "quiet"}, "9999x10")], 5, 6, {"name": "redis"}),
    ("AmbassadorSessionsFail", [
        ("amb_sessions_closed_total", {"link": "db", "reason": "eof", "side": "both"}, "0+100x20"),
        ("amb_sessions_closed_total", {"link": "db", "reason": "connect_refused", "side": "upstream"}, "0+10x20"),
        ("amb_sessions_closed_total", {"link": "db", "reason": "client_reset", "side": "downstream"}, "0+50x20"),
        ("amb_sessions_closed_total", {"link": "db", "reason": "upstream_reset", "side": "upstream"}, "0+5x20"),
        ("amb_sessions_closed_total", {"link": "web", "reason": "eof", "side": "both"}, "0+100x20"),
        ("amb_sessions_closed_total", {"link": "web", "reason": "no_upstream", "side": "upstream"}, "0+5x20")], 5, 6,
     {"link": "db", "reason": "connect_refused", "side": "upstream"}),
    ("AmbassadorDescriptorsNearLimit", [("process_open_fds", {}, "90 90 91x9"), ("process_max_fds", {}, "100x11"),
                                        ("amb_build_info", {"version": "1"}, "1x11")], 6, 7, {}),
]


def test_the_rules_are_well_formed():
    promtool("check", "rules", str(ALERTS))


def test_every_rule_is_played():
    assert sorted(play[0] for play in PLAYS) == sorted(RULES)


@pytest.mark.parametrize("alert, series, quiet, firing, labels", PLAYS, ids=lambda value: value if isinstance(value, str) else "")
def test_it_fires_when_it_should_and_not_before(tmp_path, alert, series, quiet, firing, labels):
    def written(metric, more):
        return metric + "{" + ",".join(f'{name}="{value}"' for name, value in {**AT, **more}.items()) + "}"

    state = {"alertname": alert, "alertstate": "firing"}
    fires = {"labels": written("ALERTS", {**labels, **RULES[alert]["labels"], **state}), "value": 1}
    file = tmp_path / "play.yml"
    file.write_text(yaml.safe_dump({
        "rule_files": [str(ALERTS)], "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": [{"series": written(metric, more), "values": values} for metric, more, values in series],
            "promql_expr_test": [
                {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{minute}m", "exp_samples": samples}
                for minute, samples in ((quiet, []), (firing, [fires]))]}]}))
    said = promtool("test", "rules", str(file))
    assert "SUCCESS" in said, said
