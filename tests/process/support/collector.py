# SPDX-License-Identifier: Apache-2.0
"""A collector of traces: takes OTLP over HTTP with JSON, holds each request to the protocol's rules, and keeps the spans."""

import http.server
import json
import re
import threading

from support.poll import eventually

HEX = {"traceId": re.compile(r"[0-9a-f]{32}"), "spanId": re.compile(r"[0-9a-f]{16}")}
SPAN_KEYS = {"traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "events", "status"}


def value_of(value):
    """One AnyValue; 64-bit integers are text in the JSON of protobuf."""
    (kind, content), = value.items()
    if kind == "intValue":
        assert isinstance(content, str), f"{content!r} is no 64-bit integer of protobuf's JSON"
        return int(content)
    assert kind == "stringValue" and isinstance(content, str), value
    return content


def attributes_of(listed):
    found = {}
    for attribute in listed:
        assert attribute.keys() == {"key", "value"} and attribute["key"], attribute
        assert attribute["key"] not in found, f"{attribute['key']} is told twice"
        found[attribute["key"]] = value_of(attribute["value"])
    return found


class Span:
    """`attributes` as a dict, times in ms."""

    def __init__(self, said, resource):
        assert said.keys() <= SPAN_KEYS, said.keys()
        for key, shape in HEX.items():
            assert shape.fullmatch(said[key]) and int(said[key], 16) != 0, (key, said[key])
        assert said["kind"] in (1, 2, 3, 4, 5) and said["name"]
        self.trace, self.id, self.name, self.resource = said["traceId"], said["spanId"], said["name"], resource
        self.start_ms, self.end_ms = (int(said[key]) / 1e6 for key in ("startTimeUnixNano", "endTimeUnixNano"))
        assert 0 < self.start_ms <= self.end_ms
        self.attributes = attributes_of(said["attributes"])
        self.events = {event["name"]: int(event["timeUnixNano"]) / 1e6 for event in said.get("events", [])}
        self.status = said.get("status", {})
        assert self.status.get("code", 0) in (0, 1, 2)


def read_request(body):
    """Every span of an ExportTraceServiceRequest."""
    request = json.loads(body)
    assert request.keys() == {"resourceSpans"}
    for of_resource in request["resourceSpans"]:
        resource = attributes_of(of_resource["resource"]["attributes"])
        for of_scope in of_resource["scopeSpans"]:
            assert of_scope["scope"]["name"] == "ambassador" and of_scope["scope"]["version"]
            for said in of_scope["spans"]:
                yield Span(said, resource)


class Collector:
    """`answers` are (status, fields, body) for the next requests; afterwards all is taken."""

    def __init__(self, port=0):
        self.spans, self.requests, self.mistakes, self.answers = [], [], [], []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        status, fields, answer = self.answers.pop(0) if self.answers else (200, {}, b"{}")
        try:
            assert handler.headers["Content-Type"] == "application/json"
            spans = list(read_request(body))
            if status == 200:
                self.spans += spans
        except (AssertionError, KeyError, ValueError, TypeError) as mistake:
            self.mistakes.append(repr(mistake))
        self.requests.append((handler.path, dict(handler.headers)))
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(answer)), **fields}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer)

    def wait_spans(self, count):
        eventually(lambda: len(self.spans) >= count or self.mistakes, lambda: f"{count} spans; there are {len(self.spans)}")
        assert not self.mistakes, self.mistakes
        return self.spans

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        assert not self.mistakes, self.mistakes
