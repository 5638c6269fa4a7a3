# SPDX-License-Identifier: Apache-2.0
"""The images of the old page, made without a registry: programs of this machine with the libraries they name."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.ambassador import BINARY, ROOT

BUSYBOX = "/usr/bin/busybox"
REDIS_PROGRAMS = ("/usr/bin/redis-server", "/usr/bin/redis-cli")

REDIS = """
FROM scratch
COPY . /
EXPOSE {port}
ENTRYPOINT ["/usr/bin/redis-server", "--protected-mode", "no", "--save", "", "--port", "{port}"]
"""

# As the image of that name did: it takes the address from the variables of its link.
REDIS_CLI = """
FROM crosbymichael/redis
ENTRYPOINT ["/bin/busybox", "sh", "-c", \
 "exec redis-cli -h $REDIS_PORT_6379_TCP_ADDR -p $REDIS_PORT_6379_TCP_PORT \\"$@\\"", "redis-cli"]
"""

# Tools beside the program, and nothing else changed: for `docker exec`, which needs something to execute.
WITH_TOOLS = """
FROM ambassador
COPY busybox /bin/busybox
"""

# What Engine 29 gives a linked container: the hosts file as ever, and of the variables only those that no link made.
WITHOUT_LINK_VARIABLES = """
FROM ambassador-with-tools
COPY without-link-variables /without-link-variables
ENTRYPOINT ["/bin/busybox", "sh", "/without-link-variables"]
"""
WITHOUT_LINK_VARIABLES_SCRIPT = """
for name in $(busybox env | busybox cut -d= -f1); do
  case $name in
    PATH | HOSTNAME | HOME | TERM | AMBASSADOR_*) ;;
    *) unset "$name" ;;
  esac
done
exec /ambassador "$@"
"""


def why_none_can_be_built():
    missing = [path for path in (BUSYBOX, *REDIS_PROGRAMS) if not os.access(path, os.X_OK)]
    return f"not installed: {', '.join(missing)}" if missing else None


class Context:
    """A directory that becomes an image."""

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="amb-image-"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory)

    def copy(self, source, to=None):
        target = self.directory / (to or source).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(source), target)

    def copy_with_libraries(self, program):
        self.copy(program)
        printed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(?:=> |^\t)(/\S+)", printed, re.MULTILINE):
            self.copy(library)

    def write(self, name, text):
        (self.directory / name).write_text(text)

    def build(self, engine, tag, dockerfile):
        self.write("Dockerfile", dockerfile)
        self.write(".dockerignore", "Dockerfile\n.dockerignore\n")
        engine.docker(["build", "--quiet", "--tag", tag, str(self.directory)])


def build_ambassador(engine, tag="ambassador"):
    """As the user makes it, and returns what the script says."""
    done = subprocess.run([ROOT / "packaging/docker/build", tag], env={**engine.environment, "AMBASSADOR_BINARY": BINARY},
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build_all(engine):
    build_ambassador(engine)
    with Context() as context:
        for program in REDIS_PROGRAMS:
            context.copy_with_libraries(program)
        context.copy(BUSYBOX, "/bin/busybox")
        context.build(engine, "crosbymichael/redis", REDIS.format(port=6379))
        context.build(engine, "redis-on-5432", REDIS.format(port=5432))
        context.build(engine, "redis-on-7000", REDIS.format(port=7000))
        context.build(engine, "relateiq/redis-cli", REDIS_CLI)
    with Context() as context:
        context.copy(BUSYBOX, "/busybox")
        context.build(engine, "ambassador-with-tools", WITH_TOOLS)
        context.write("without-link-variables", WITHOUT_LINK_VARIABLES_SCRIPT)
        context.build(engine, "ambassador-on-engine-29", WITHOUT_LINK_VARIABLES)
