# SPDX-License-Identifier: Apache-2.0
"""The program's log as it comes out of its stderr: one JSON object per line, and nothing else."""

import json
import threading

from support.poll import eventually

LEVELS = {"debug", "info", "warning", "error"}
REASONS = {
    "eof", "client_reset", "upstream_reset", "client_dead", "upstream_dead", "idle_timeout", "halfclose_timeout",
    "connect_refused", "connect_timeout", "no_upstream", "limit", "drain_deadline", "endpoint_down", "removed", "internal",
}


class Records:
    """Reads a file object to its end in a thread and keeps every line."""

    def __init__(self, stream, fails_early=lambda: False):
        self.lines = []
        self._records = []
        self._fails_early = fails_early
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            text = line.decode("utf-8", "backslashreplace").rstrip("\n")
            try:
                record = json.loads(text)
            except ValueError:
                record = None
            self.lines.append(text)
            self._records.append(record)
        stream.close()

    def join(self):
        self._thread.join(10)

    def of(self, event, **fields):
        """All records of an event whose fields equal those given."""
        return [record for record in list(self._records)
                if record and record.get("event") == event
                and all(record.get(name) == value for name, value in fields.items())]

    def wait(self, event, within=20.0, **fields):
        def found_or_over():
            return self.of(event, **fields) or self._fails_early()
        eventually(found_or_over, f"a record {event} {fields or ''}", within)
        found = self.of(event, **fields)
        assert found, f"the program ended without a record {event} {fields or ''}"
        return found[0]

    def text(self):
        return "\n".join(self.lines)

    def check(self):
        """What must hold for every line whatever the test is about."""
        for line, record in zip(self.lines, self._records):
            assert isinstance(record, dict), f"not one JSON object per line: {line!r}"
            assert record.get("time", "").endswith("Z") and record.get("event"), f"no time or event: {line!r}"
            assert record.get("level") in LEVELS, f"unknown level: {line!r}"
            if record["event"] == "session_failed":
                assert record.get("reason") in REASONS - {"eof"}, f"unlisted close reason: {line!r}"
