# SPDX-License-Identifier: Apache-2.0
"""Who is measured, each as it is shipped and, as a row of its own, with settings chosen for speed.

One thread, one worker, or a process per session, as each is made; only docker-proxy always uses every CPU."""

import dataclasses
import resource
import subprocess
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import processes

# As many sessions as the descriptors allow, at two each; some are kept for everything else.
DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
MAX_SESSIONS = min(40_000, (DESCRIPTORS - 100) // 2)
BACKLOG = 4096


@dataclass(frozen=True)
class Route:
    """What a relay is told: where to listen, where that leads, and a folder for its files."""
    ports: list
    host: str
    port: int
    folder: Path

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)


@dataclass(frozen=True)
class Start:
    """How a relay is started. One without a process has no `words` and is set up by `prepare` in its namespace."""
    words: list
    environment: dict = field(default_factory=dict)
    before_exec: Callable | None = None
    prepare: Callable | None = None


@dataclass(frozen=True)
class Peer:
    name: str
    title: str
    start: Callable[[Route], Start] | None  # None: nothing in between
    version: tuple = ()
    many_links: bool = False  # one process can listen on many ports
    most_sessions: int = MAX_SESSIONS  # for the scenarios with idle sessions
    topologies: tuple = ("loopback", "namespaces")
    is_ours: bool = False
    is_process: bool = True
    is_variant: bool = False  # the same program as the row before it, with other settings
    program: str = ""


def ambassador(binary, before_exec=None):
    def start(route):
        links = [f"B{port}_PORT_{port}_TCP=tcp://{route.host}:{route.port}" for port in route.ports]
        return Start([binary, *links], {"AMBASSADOR_WORKERS": "1", "AMBASSADOR_LOG_LEVEL": "warning", "AMBASSADOR_CONTROL": "none"}, before_exec)
    return start


def socat(listen_options="", connect_options="", *words):
    def start(route):
        return Start(["socat", *words, "-t", "100000000",
                      f"TCP4-LISTEN:{route.ports[0]},fork,reuseaddr{listen_options}",
                      f"TCP4:{route.host}:{route.port}{connect_options}"])
    return start


def haproxy(global_lines="", default_lines="", sessions=MAX_SESSIONS):
    def start(route):
        listens = "".join(f"listen l{port}\n bind *:{port} backlog {BACKLOG}\n server s {route.host}:{route.port}\n"
                          for port in route.ports)
        most = sessions + 1 - len(route.ports)  # it counts a listener's descriptor against its limit
        config = (f"global\n nbthread 1\n maxconn {most}\n{global_lines}"
                  f"defaults\n mode tcp\n maxconn {most}\n timeout connect 10s\n timeout client 1h\n"
                  f" timeout server 1h\n{default_lines}{listens}")
        return Start(["haproxy", "-db", "-f", route.file("haproxy.cfg", config)])
    return start


def nginx(listen_options="", stream_lines="", events_lines=""):
    def start(route):
        servers = "".join(f"  server {{ listen {port} backlog={BACKLOG}{listen_options}; "
                          f"proxy_pass {route.host}:{route.port}; }}\n" for port in route.ports)
        config = (f"load_module /usr/lib/nginx/modules/ngx_stream_module.so;\nworker_processes 1;\ndaemon off;\n"
                  f"pid {route.folder}/nginx.pid;\nerror_log /dev/null crit;\n"
                  f"worker_rlimit_nofile {DESCRIPTORS};\n"
                  f"events {{ worker_connections {2 * MAX_SESSIONS + 64}; {events_lines}}}\n"
                  f"stream {{\n  proxy_timeout 1h;\n{stream_lines}{servers}}}\n")
        return Start(["nginx", "-p", str(route.folder), "-e", "/dev/null", "-c", route.file("nginx.conf", config)])
    return start


def docker_proxy(route):
    """It tells its parent through descriptor 3 that it listens, and closes that whatever it is."""
    return Start(["sh", "-c", 'exec "$@" 3>/dev/null', "docker-proxy", "docker-proxy", "-proto", "tcp",
                  "-host-ip", "0.0.0.0", "-host-port", str(route.ports[0]),
                  "-container-ip", route.host, "-container-port", str(route.port)])


def rinetd(route):
    config = f"0.0.0.0 {route.ports[0]} {route.host} {route.port}\n"
    return Start(["rinetd", "-f", "-c", route.file("rinetd.conf", config)])


def kernel_nat(route):
    """No process: the kernel of the host in the middle rewrites addresses. The limit of what a relay can reach."""
    rules = f"""add table ip compare
add chain ip compare before {{ type nat hook prerouting priority dstnat; }}
add rule ip compare before tcp dport {route.ports[0]} dnat to {route.host}:{route.port}
"""
    return Start([], prepare=lambda: subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True,
                                                    capture_output=True))


def ambassadors(binaries):
    """One row per binary, and one for the first with splice(2) refused, which is a copying relay then."""
    made = []
    for number, binary in enumerate(binaries, 1):
        title = "ambassador" if len(binaries) == 1 else f"ambassador ({binary})"
        row = Peer("ambassador" if number == 1 else f"ambassador-{number}", title, ambassador(binary),
                   version=(binary, "--version"), many_links=True, is_ours=True, program=binary)
        made.append(row)
        if number == 1:
            made.append(dataclasses.replace(row, name="ambassador-copy", title=f"{title}, splice refused",
                                            is_variant=True, topologies=("loopback",),
                                            start=ambassador(binary, processes.refuse_splice)))
    return made


SPLICE = " option splice-request\n option splice-response\n"
SPLICE_AUTO = " option splice-auto\n"
MAX_SPLICED = min(40_000, int((DESCRIPTORS - 200) / 2.6))  # HAProxy wants a pipe for every fourth session
HAPROXY = {"version": ("haproxy", "-v"), "many_links": True, "program": "haproxy"}
HAPROXY_SPLICE = {**HAPROXY, "is_variant": True, "most_sessions": MAX_SPLICED}
NGINX = {"version": ("nginx", "-v"), "many_links": True, "program": "nginx"}
SOCAT = {"version": ("socat", "-V"), "most_sessions": 500, "program": "socat"}

OTHERS = [
    Peer("haproxy", "HAProxy", haproxy(), **HAPROXY),
    Peer("haproxy-auto", "HAProxy, splice-auto", haproxy("", SPLICE_AUTO, MAX_SPLICED),
         topologies=("loopback",), **HAPROXY_SPLICE),
    Peer("haproxy-splice", "HAProxy, splice forced, 64 KiB", haproxy(
        " tune.bufsize 65536\n", SPLICE, MAX_SPLICED), **HAPROXY_SPLICE),
    Peer("nginx", "nginx", nginx(), **NGINX),
    Peer("nginx-tuned", "nginx, reuseport, 256 KiB", nginx(
        " reuseport", "  proxy_buffer_size 256k;\n  proxy_half_close on;\n", "multi_accept on; "),
         is_variant=True, **NGINX),
    Peer("docker-proxy", "docker-proxy", docker_proxy, version=("dpkg-query", "-W", "docker.io"),
         program="docker-proxy",         most_sessions=(DESCRIPTORS - 200) // 7),
    Peer("rinetd", "rinetd", rinetd, version=("rinetd", "--version"), topologies=("loopback",), program="rinetd",
         most_sessions=1000),
    Peer("socat", "socat", socat(), **SOCAT),
    Peer("socat-tuned", "socat, nodelay, 256 KiB", socat(f",nodelay,backlog={BACKLOG}", ",nodelay", "-b", "262144"),
         is_variant=True, topologies=("loopback",), **SOCAT),
    Peer("nat", "kernel NAT", kernel_nat, version=("nft", "--version"), topologies=("namespaces",), is_process=False),
]

DIRECT = Peer("direct", "direct", None, is_process=False)


def every_peer(binaries):
    return [DIRECT, *ambassadors(binaries), *OTHERS]


def version_of(peer):
    if not peer.version:
        return ""
    done = subprocess.run(peer.version, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "version" in line.lower() or peer.is_ours]
    return (lines or (done.stdout + done.stderr).splitlines() or [""])[0].strip()


def is_installed(peer):
    return not peer.program or shutil.which(peer.program) is not None
