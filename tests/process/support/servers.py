# SPDX-License-Identifier: Apache-2.0
"""Real servers on free ports, each with a directory of its own, ended by process id."""

import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from support import processes
from support.dns import look_up
from support.peer import Peer
from support.poll import eventually
from support.ports import free_port


class Server:
    """A server process. Subclasses say how it is called and when it answers."""

    def __init__(self, host="127.0.0.1", port=None, on=None):
        self.on = on  # a network.Host, or None for this one
        self.host = host
        self.port = port or free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="amb-test-"))
        self.directory.chmod(0o755)
        self.process = None

    @property
    def url(self):
        return f"tcp://{self.host}:{self.port}"

    def command(self):
        raise NotImplementedError

    def answers(self):
        """True once it serves; a refused connection counts as not yet."""
        with self.connect():
            return True

    def connect(self):
        if self.on:
            return self.on.call(Peer.connect, self.port, self.host)
        return Peer.connect(self.port, self.host)

    def start(self):
        command = self.command()
        if not shutil.which(command[0]):
            pytest.skip(f"{command[0]} is not installed")
        prefix = self.on.prefix if self.on else []
        with open(self.directory / "output", "ab") as output:
            self.process = subprocess.Popen([*prefix, *command], stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, cwd=self.directory, start_new_session=True)
        eventually(self._up, self._what_it_said, within=30)
        return self

    def _up(self):
        assert self.process.poll() is None, self._what_it_said()
        try:
            return self.answers()
        except (ConnectionRefusedError, TimeoutError, socket.timeout, FileNotFoundError):
            return False

    def _what_it_said(self):
        return f"{type(self).__name__} answering; it said: {(self.directory / 'output').read_text()[-2000:]}"

    def end(self):
        """Ends the process and keeps the directory, so that start() can bring it back."""
        processes.end(self.process)

    def stop(self):
        if self.process:
            self.end()
        shutil.rmtree(self.directory, ignore_errors=True)


class Redis(Server):
    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", self.host, "--save", "", "--appendonly", "no",
                "--protected-mode", "no", "--dir", str(self.directory), "--proto-max-bulk-len", "1gb"]

    def answers(self):
        with self.connect() as peer:
            peer.send(b"PING\r\n")
            return peer.receive(7) == b"+PONG\r\n"


class Memcached(Server):
    def command(self):
        return ["memcached", "-l", self.host, "-p", str(self.port), "-U", "0", "-m", "64", "-u", "nobody"]


class Nginx(Server):
    """Serves GET and PUT under /, from and to its directory's files/."""

    def command(self):
        self.files.mkdir(exist_ok=True)
        for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
            (self.directory / name).mkdir(exist_ok=True)
        configuration = self.directory / "nginx.conf"
        configuration.write_text(f"""
            daemon off; user root; worker_processes 1; pid {self.directory}/pid; error_log {self.directory}/errors;
            events {{ worker_connections 512; }}
            http {{
              access_log off; sendfile on; client_max_body_size 0; default_type application/octet-stream;
              client_body_temp_path {self.directory}/body; proxy_temp_path {self.directory}/proxy;
              fastcgi_temp_path {self.directory}/fastcgi; uwsgi_temp_path {self.directory}/uwsgi;
              scgi_temp_path {self.directory}/scgi;
              server {{ listen {self.host}:{self.port}; root {self.files}; dav_methods PUT; }}
            }}""")
        return ["nginx", "-e", f"{self.directory}/errors", "-c", str(configuration)]

    @property
    def files(self):
        return self.directory / "files"


class Dnsmasq(Server):
    """Answers for the names in `records` on port 53 of a host made of a namespace. change() takes effect at once;
    other services (each "_x._tcp.name,host,port,priority,weight") and aliases ("alias,name") want a restart()."""

    def __init__(self, on, records, services=(), aliases=(), ttl_s=1, host="127.0.0.1"):
        super().__init__(host=host, port=53, on=on)
        self.records = dict(records)
        self.services = list(services)
        self.aliases = list(aliases)
        self.ttl_s = ttl_s
        self.write()

    def write(self):
        lines = [f"{address} {name}\n" for name, addresses in self.records.items() for address in addresses.split()]
        (self.directory / "hosts").write_text("".join(lines))

    def command(self):
        return ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root",
                "--pid-file", f"--addn-hosts={self.directory}/hosts", f"--local-ttl={self.ttl_s}", "--bind-interfaces",
                f"--listen-address={self.host}", "--log-facility=-", "--local=/test/",
                *(f"--srv-host={service}" for service in self.services),
                *(f"--cname={alias}" for alias in self.aliases)]

    def change(self, **records):
        """Once this returns, the new addresses are what it answers."""
        self.records.update(records)
        self.write()
        self.process.send_signal(signal.SIGHUP)
        for name, addresses in records.items():
            eventually(lambda name=name, addresses=addresses: self._addresses(name) == sorted(addresses.split()),
                       f"{name} at {addresses}")

    def _addresses(self, name):
        return sorted(self.on.call(look_up, name, self.host))

    def restart(self, services=None, aliases=None):
        self.end()
        self.services = self.services if services is None else services
        self.aliases = self.aliases if aliases is None else aliases
        self.start()
