# SPDX-License-Identifier: Apache-2.0
"""The control API as any program would ask it, over its UNIX socket or TCP: what counts are fields and bytes, too."""

import http.client
import json
import socket

PATIENCE_S = 20.0
JSON = {"Content-Type": "application/json"}


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.fields = {name.lower(): value for name, value in response.getheaders()}
        self.type = self.fields.get("content-type", "").split(";")[0]
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.fields}\n{self.body.decode('utf-8', 'backslashreplace')}"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE_S)
        self._path = "\0" + path[1:] if path.startswith("@") else path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE_S)
        self.sock.connect(self._path)


class Api:
    """Asks at a path, "@name" for an abstract one, or at (host, port)."""

    def __init__(self, place):
        self.place = place

    def connection(self):
        if isinstance(self.place, tuple):
            return http.client.HTTPConnection(*self.place, timeout=PATIENCE_S)
        return _UnixConnection(str(self.place))

    def ask(self, method, target, body=None, headers=None):
        """A body that is no text or bytes is sent as JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        if method not in ("GET", "HEAD") and "Content-Type" not in headers:
            headers.update(JSON)
        connection = self.connection()
        try:
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, target):
        answer = self.ask("GET", target)
        assert answer.status == 200, answer
        return answer.json

    def raw(self, data):
        """Sends bytes as they are; everything that comes back until the other side ends."""
        connection = self.connection()
        connection.connect()
        with connection.sock as sock:
            sock.sendall(data)
            received = b""
            try:
                while piece := sock.recv(65536):
                    received += piece
            except ConnectionResetError:
                pass
            return received
