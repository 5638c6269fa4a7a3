# SPDX-License-Identifier: Apache-2.0
"""One container: where it is, what it logged, and how it ended."""

import io
import json
from datetime import datetime

from support.poll import eventually
from support.records import Records


class Container:
    def __init__(self, engine, name):
        self.engine = engine
        self.name = name

    def inspect(self, template):
        return self.engine.docker(["inspect", "--format", template, self.name])

    @property
    def image(self):
        return self.inspect("{{.Config.Image}}")

    @property
    def address(self):
        """Its address on the first of its networks."""
        return self.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}").split()[0]

    @property
    def pid(self):
        """Its PID 1 as the machine numbers it."""
        return int(self.inspect("{{.State.Pid}}"))

    @property
    def is_running(self):
        return self.inspect("{{.State.Running}}") == "true"

    @property
    def exit_code(self):
        assert not self.is_running, f"{self.name} still runs"
        return int(self.inspect("{{.State.ExitCode}}"))

    def log(self):
        done = self.engine.try_docker(["logs", self.name])
        return done.stdout + done.stderr

    def records(self):
        """What the program logged, one record per line."""
        stderr = self.engine.try_docker(["logs", self.name]).stderr
        records = Records(io.BytesIO(stderr.encode()))
        records.join()
        return records

    def wait_for(self, event, within=20.0, **fields):
        """Returns the first such record once it is logged."""
        def found_or_over():
            return self.records().of(event, **fields) or not self.is_running
        eventually(found_or_over, lambda: f"a record {event} {fields or ''} in:\n{self.log()}", within, every=0.05)
        found = self.records().of(event, **fields)
        assert found, f"the container ended without a record {event} {fields or ''}:\n{self.log()}"
        return found[0]

    def wait_ready(self):
        self.wait_for("ready")
        return self

    def wait_until_ended(self, within=20.0):
        eventually(lambda: not self.is_running, lambda: f"{self.name} ended; it said:\n{self.log()}", within, every=0.05)
        return self.exit_code

    def seconds_from_stop_to_end(self):
        """By the engine's own clock: from the signal it sent to the end it saw."""
        until = datetime.fromisoformat(self.inspect("{{.State.FinishedAt}}")[:19] + "+00:00").timestamp()
        printed = self.engine.docker(["events", "--since", str(int(until) - 60), "--until", str(int(until) + 2),
                                      "--filter", f"container={self.name}", "--format", "{{json .}}"])
        times = {event["Action"]: event["timeNano"] for event in map(json.loads, printed.splitlines())}
        return (times["die"] - times["kill"]) / 1e9
