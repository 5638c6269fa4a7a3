# SPDX-License-Identifier: Apache-2.0
"""Metrics as those who scrape them see them: the text taken apart, promtool, and a real Prometheus."""

import re
import shutil
import subprocess
import urllib.parse

import pytest

from support.ambassador import ROOT
from support.api import Api
from support.servers import Server

ALERTS = ROOT / "packaging" / "prometheus" / "alerts.yml"
SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Scrape:
    """One answer of GET /metrics."""

    def __init__(self, text):
        self.text = text
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, value = SAMPLE.fullmatch(line).groups()
            series = (name, frozenset(LABEL.findall(labels or "")))
            assert series not in self.samples, f"twice: {line}"
            self.samples[series] = float(value)

    def value(self, name, /, **labels):
        """Of one series, or None where there is none."""
        return self.samples.get((name, frozenset(labels.items())))

    def of(self, name):
        """{labels: value} of a family."""
        return {labels: value for (one, labels), value in self.samples.items() if one == name}

    def total(self, name):
        return sum(self.of(name).values())


def promtool(*words, given=None):
    """What promtool has to say; it must be pleased."""
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed")
    done = subprocess.run(["promtool", *words], input=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{given or ''}"
    return done.stdout + done.stderr


class Prometheus(Server):
    """Scrapes an ambassador's admin listener several times a second, and knows the alert rules of packaging."""

    def __init__(self, target, token):
        super().__init__()
        self.target, self.token = target, token
        self._api = Api((self.host, self.port))

    def command(self):
        (self.directory / "token").write_text(self.token + "\n")
        (self.directory / "prometheus.yml").write_text(f"""
            global: {{scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}}
            rule_files: [{ALERTS}]
            scrape_configs:
              - job_name: ambassador
                authorization: {{credentials_file: {self.directory}/token}}
                static_configs: [{{targets: ["{self.target}"]}}]
            """)
        return ["prometheus", f"--config.file={self.directory}/prometheus.yml", f"--web.listen-address={self.host}:{self.port}",
                f"--storage.tsdb.path={self.directory}/data", "--log.level=warn"]

    def answers(self):
        return self._api.ask("GET", "/-/ready").status == 200

    def ask(self, path, **query):
        answer = self._api.ask("GET", f"{path}?{urllib.parse.urlencode(query)}")
        assert answer.status == 200 and answer.json["status"] == "success", (query, answer)
        return answer.json["data"]

    def query(self, expression):
        """[(labels, value)] of what an expression comes to now."""
        found = self.ask("/api/v1/query", query=expression)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]
