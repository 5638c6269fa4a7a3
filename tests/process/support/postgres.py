# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL cluster of its own: made by initdb, run by the postgres user, thrown away afterwards."""

import glob
import os
import pwd
import signal
import subprocess

import pytest

from support.poll import eventually
from support.servers import Server


def _programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        pytest.skip("PostgreSQL is not installed")
    return found[-1]


class Postgres(Server):
    """The database `postgres`, user `postgres`, trusting everyone on loopback."""

    def __init__(self):
        super().__init__()
        self.data = self.directory / "data"
        self._as_postgres = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self._as_postgres = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    def __enter__(self):
        done = subprocess.run([*self._as_postgres, f"{_programs()}/initdb", "--pgdata", str(self.data), "--username",
                               "postgres", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--locale", "C"],
                              capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def command(self):
        return [*self._as_postgres, f"{_programs()}/postgres", "-D", str(self.data), "-p", str(self.port),
                "-c", f"listen_addresses={self.host}", "-c", f"unix_socket_directories={self.directory}",
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]

    def answers(self):
        return subprocess.run(["pg_isready", "-q", "-h", self.host, "-p", str(self.port)], check=False).returncode == 0

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended, not waited for
        super().end()

    def demand_password(self, role, method):
        """From now on this role logs in by `method`; everybody else stays trusted."""
        rules = self.data / "pg_hba.conf"
        rules.write_text(f"host all {role} {self.host}/32 {method}\n{rules.read_text()}")
        assert psql(self.port, "SELECT pg_reload_conf()").returncode == 0
        eventually(lambda: self._rule_holds(role), f"{role} needs a password")

    def _rule_holds(self, role):
        done = subprocess.run(["psql", "-X", "-w", "-h", self.host, "-p", str(self.port), "-U", role, "-d", "postgres",
                               "-c", "SELECT 1"], capture_output=True, check=False)
        return b"no password supplied" in done.stderr


class Standby(Postgres):
    """Copies `primary`, and follows it until it is promoted."""

    def __init__(self, primary):
        super().__init__()
        self.primary = primary

    def __enter__(self):
        done = subprocess.run([*self._as_postgres, f"{_programs()}/pg_basebackup", "--pgdata", str(self.data),
                               "--host", self.primary.host, "--port", str(self.primary.port), "--username", "postgres",
                               "--write-recovery-conf", "--checkpoint=fast", "--no-sync"],
                              capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
        return self.start()


def psql(port, statement, *options, **run_options):
    """Runs one statement as a user would, through whatever listens on that port."""
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port),
                           "-U", "postgres", "-d", "postgres", *options, "-c", statement],
                          capture_output=True, check=False, timeout=120, **run_options)
