# SPDX-License-Identifier: Apache-2.0
"""A Docker Engine of the tests' own: on a host made of a network namespace, with its own data, socket and process id.

An engine puts a bridge, addresses and firewall rules on its host and leaves them there. In a namespace of its own it
touches nothing of this machine and nothing of an engine that runs here already, every port is free, and two of them
are two hosts, as in the page whose commands are tested."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from support import processes
from support.poll import eventually

from docker.container import Container

START_PATIENCE_S = 60
COMMAND_PATIENCE_S = 120


class NoEngine(Exception):
    """No engine can start here; the text says why."""


def why_none_can_start():
    if os.geteuid() != 0:
        return "starting a Docker engine needs root"
    missing = [name for name in ("dockerd", "docker", "ip", "nsenter", "unshare") if not shutil.which(name)]
    return f"not installed: {', '.join(missing)}" if missing else None


class Engine:
    """One running engine. docker("run -d …") takes what a user would type and returns what it prints."""

    def __init__(self, host):
        self.host = host
        self.directory = Path(tempfile.mkdtemp(prefix="amb-docker-"))
        self.environment = {**os.environ, "DOCKER_HOST": f"unix://{self.directory}/docker.sock",
                            "DOCKER_CONFIG": str(self.directory / "config"), "DOCKER_BUILDKIT": "0"}
        self.environment.pop("DOCKER_CONTEXT", None)
        self.process = None

    def start(self):
        command = ["unshare", "--mount", "--propagation", "slave", "nsenter", f"--net=/run/netns/{self.host.namespace}",
                   "dockerd", "--data-root", str(self.directory / "data"), "--exec-root", str(self.directory / "exec"),
                   "--pidfile", str(self.directory / "pid"), "--host", f"unix://{self.directory}/docker.sock"]
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        try:
            eventually(self._answers, "an answer of dockerd", within=START_PATIENCE_S, every=0.05)
        except AssertionError as why:
            raise NoEngine(f"{why}; its last words: {self._last_words()}") from why

    def _answers(self):
        if self.process.poll() is not None:
            raise NoEngine(f"dockerd ended with {self.process.returncode}: {self._last_words()}")
        return self.try_docker("version").returncode == 0

    def _last_words(self):
        return " ".join((self.directory / "log").read_text(errors="replace").strip().splitlines()[-1:])

    def prove_it_runs_containers(self, image, *command):
        """An engine may answer and still be refused namespaces or cgroups: that is no engine either."""
        done = self.try_docker(["run", "--rm", "--entrypoint", command[0], image, *command[1:]])
        if done.returncode != 0:
            raise NoEngine(f"dockerd runs no container: {done.stderr.strip()}")

    def stop(self):
        if self.process:
            processes.end(self.process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def try_docker(self, command, **options):
        """As docker(), for commands that may fail: returns the completed process."""
        words = shlex.split(command) if isinstance(command, str) else command
        return subprocess.run(["docker", *words], env=self.environment, capture_output=True, text=True, check=False,
                              timeout=COMMAND_PATIENCE_S, **options)

    def docker(self, command, **options):
        done = self.try_docker(command, **options)
        assert done.returncode == 0, f"docker {command}: exit {done.returncode}: {done.stderr.strip()}"
        return done.stdout.strip()

    def run(self, command):
        """docker("run -d …") whose container the test goes on talking about."""
        return Container(self, self.docker(command))

    def containers(self):
        return [Container(self, name) for name in self.docker("ps --all --quiet --no-trunc").split()]

    def clear(self):
        """What one test made on this engine is gone before the next begins; images stay."""
        containers = [container.name for container in self.containers()]
        if containers:
            self.docker(["rm", "--force", "--volumes", *containers])
        self.docker("network prune --force")
