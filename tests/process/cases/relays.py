# SPDX-License-Identifier: Apache-2.0
"""The relays that the cases are played with: the ambassador, splicing and copying, and others as an operator would run
them. Each stands for one link, from its port to one service."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cases.deviation import NotApplicable
from support import processes
from support.ambassador import Ambassador
from support.peer import Peer
from support.ports import free_port
from support.servers import Server

WITHOUT_SPLICE = [sys.executable, str(Path(__file__).parents[1] / "support" / "without_splice.py")]
NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"


class Relay:
    """What every running relay can be asked. A process of it is one in its session, so that forked ones count."""

    port = None
    on = None  # the network.Host that it runs on, or None for this one

    def connect(self, on=None, **options):
        """From the host `on`, or from the relay's own."""
        if on:
            return on.call(lambda: Peer.connect(self.port, self.on.address, **options))
        if self.on:
            return self.on.call(lambda: Peer.connect(self.port, **options))
        return Peer.connect(self.port, **options)

    def pids(self):
        leader = self.leader()
        found = []
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.getsid(int(name)) == leader:
                    found.append(int(name))
            except ProcessLookupError:
                pass
        return found

    def _sum(self, function):
        total = 0
        for pid in self.pids():
            try:
                total += function(pid)
            except (FileNotFoundError, ProcessLookupError):
                pass  # it ended while we looked
        return total

    def sockets(self):
        def count(pid):
            return sum(1 for what in processes.descriptors(pid).values() if what.startswith("socket:"))
        return self._sum(count)

    def descriptors(self):
        return self._sum(lambda pid: len(processes.descriptors(pid)))

    def threads(self):
        return self._sum(processes.threads)

    def resident_bytes(self):
        return self._sum(processes.resident_bytes)

    def cpu_seconds(self):
        return self._sum(processes.cpu_seconds)


class AmbassadorRelay(Relay):
    """The shipped program; `prefix` may hold what takes splice away from it."""

    def __init__(self, upstream, own_prefix=(), on=None, prefix=(), options="", workers=None, env=None, **_):
        self.on = on
        self.port = free_port()
        url = f"{upstream}?{options}" if options else upstream
        variables = {f"SVC_PORT_{self.port}_TCP": url, **(env or {})}
        if workers:
            variables["AMBASSADOR_WORKERS"] = str(workers)
        self.process = Ambassador(env=variables, prefix=[*(on.prefix if on else []), *prefix, *own_prefix])
        self.process.wait_ready()

    def leader(self):
        return self.process.pid

    def pids(self):
        return [self.process.pid] if self.alive() else []

    def alive(self):
        return self.process.alive()

    def log(self):
        return self.process.log()

    def failures(self):
        return self.process.failures()

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()


class OtherRelay(Relay, Server):
    """Any other relay, run in the foreground. It logs nothing that the cases could read."""

    def __init__(self, upstream, on=None, prefix=(), workers=1, **_):
        super().__init__(host="0.0.0.0", on=on)
        self.upstream = upstream
        self.workers = workers
        self.prefix = list(prefix)
        try:
            self.start()
        except AssertionError:
            said = self.log().strip().splitlines() or ["nothing"]
            self.stop()
            raise NotApplicable(f"does not start; the last it says is: {said[-1]}") from None

    def address(self):
        """host:port of the service."""
        if not self.upstream.startswith("tcp://"):
            raise NotApplicable("knows no UNIX sockets")
        return self.upstream.removeprefix("tcp://")

    def call(self):
        raise NotImplementedError

    def command(self):
        return [*self.prefix, *self.call()]

    def answers(self):
        """Asked of the kernel: a connection would already be a session."""
        look = ["ss", "-Hltn", "sport", "=", f":{self.port}"]
        return bool(self.on.run(*look) if self.on else subprocess.check_output(look))

    def leader(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def log(self):
        return (self.directory / "output").read_text(errors="replace")

    def failures(self):
        return None

    def kill(self):
        self.stop()


class HaProxy(OtherRelay):
    splices = False

    def call(self):
        path = self.directory / "haproxy.cfg"
        unix = self.upstream.startswith("unix://")
        server = f"unix@{self.upstream.removeprefix('unix://')}" if unix else self.address()
        path.write_text(f"""
global
  nbthread {self.workers}
defaults
  mode tcp
  timeout connect 30s
  timeout client 1h
  timeout server 1h
  {"option splice-auto" if self.splices else ""}
listen link
  bind :{self.port}
  server service {server}
""")
        return ["haproxy", "-db", "-f", str(path)]


class HaProxySplicing(HaProxy):
    splices = True


class NginxStream(OtherRelay):
    half_close = "off"

    def call(self):
        path = self.directory / "nginx.conf"
        unix = self.upstream.startswith("unix://")
        server = f"unix:{self.upstream.removeprefix('unix://')}" if unix else self.address()
        path.write_text(f"""
load_module {NGINX_STREAM};
daemon off; user root; worker_processes {self.workers}; pid {self.directory}/pid; error_log {self.directory}/errors;
events {{ worker_connections 8192; }}
stream {{
  server {{
    listen {self.port} backlog=4096; proxy_pass {server};
    proxy_connect_timeout 30s; proxy_timeout 1h; proxy_half_close {self.half_close};
  }}
}}
""")
        return ["nginx", "-e", f"{self.directory}/errors", "-c", str(path)]


class NginxStreamHalfClose(NginxStream):
    half_close = "on"


class Socat(OtherRelay):
    """As the image svendowideit/ambassador ran it."""

    def call(self):
        unix = self.upstream.startswith("unix://")
        to = f"UNIX-CONNECT:{self.upstream.removeprefix('unix://')}" if unix else f"TCP4:{self.address()}"
        if self.workers != 1:
            raise NotApplicable("a process for each session")
        return ["socat", "-t", "100000000", f"TCP4-LISTEN:{self.port},fork,reuseaddr,backlog=4096", to]


class DockerProxy(OtherRelay):
    """As dockerd starts it; descriptor 3 is where it says that it is ready."""

    def call(self):
        if self.workers != 1:
            raise NotApplicable("a thread for each session that does something")
        host, port = self.address().rsplit(":", 1)
        return ["sh", "-c", 'exec "$@" 3>/dev/null', "sh", "docker-proxy", "-proto", "tcp", "-host-ip", "0.0.0.0",
                "-host-port", str(self.port), "-container-ip", host, "-container-port", port]


def splicing_ambassador(upstream, **options):
    return AmbassadorRelay(upstream, **options)


def copying_ambassador(upstream, **options):
    """The same program where the kernel refuses splice."""
    return AmbassadorRelay(upstream, own_prefix=WITHOUT_SPLICE, **options)


AMBASSADOR = {"splice": splicing_ambassador, "copy": copying_ambassador}
OTHERS = {"haproxy": HaProxy, "haproxy (splice-auto)": HaProxySplicing, "nginx": NginxStream,
          "nginx (half_close on)": NginxStreamHalfClose, "socat": Socat, "docker-proxy": DockerProxy}


def versions():
    """Of the others that are installed, as they call themselves."""
    asked = {"HAProxy": ["haproxy", "-v"], "nginx": ["nginx", "-v"], "socat": ["socat", "-V"],
             "docker-proxy of Docker": ["dockerd", "--version"]}
    found = []
    for name, words in asked.items():
        if not shutil.which(words[0]):
            continue
        said = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
        number = re.search(r"\d+\.\d+[.\d]*", said)
        found.append(f"{name} {number.group() if number else '(unknown)'}")
    return ", ".join(found)
