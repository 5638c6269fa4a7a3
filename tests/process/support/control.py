# SPDX-License-Identifier: Apache-2.0
"""The control API of a running ambassador, over its socket."""

import contextlib
import http.client
import json
import socket
import urllib.parse

PATIENCE_S = 30.0


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("ambassador", timeout=PATIENCE_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Control:
    """Asks and steers; what a call answers is its status and its JSON."""

    def __init__(self, path):
        self.path = str(path)

    def call(self, method, path, body=None):
        with contextlib.closing(_Connection(self.path)) as connection:
            mutates = method not in ("GET", "HEAD")
            connection.request(method, path, json.dumps(body or {}) if mutates else None,
                               {"Content-Type": "application/json"} if mutates else {})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None

    def get(self, path):
        status, answer = self.call("GET", path)
        assert status == 200, (status, answer)
        return answer

    def change(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        assert status == 200, (status, answer)
        return answer

    def link(self, name="svc"):
        return self.get(f"/v1/links/{urllib.parse.quote(name, safe='')}")

    def rewire(self, *urls, link="svc", **more):
        return self.change("PATCH", f"/v1/links/{urllib.parse.quote(link, safe='')}", {"upstream": list(urls), **more})

    def generation(self):
        return self.get("/v1/status")["generation"]
