# SPDX-License-Identifier: Apache-2.0
"""A MariaDB of its own: its data made by mariadb-install-db, run by the mysql user, thrown away afterwards."""

import os
import pwd
import shutil
import subprocess

import pytest

from support.network import private_etc
from support.servers import Server

TRUSTED = "--no-defaults"


class MariaDb(Server):
    """root without a password on its UNIX socket; `hosts` is the text of an /etc/hosts that only it sees."""

    def __init__(self, *options, on=None, hosts=None):
        super().__init__(host="0.0.0.0" if on else "127.0.0.1", on=on)
        if not shutil.which("mariadbd"):
            pytest.skip("MariaDB is not installed")
        self.options = options
        self.prefix = []
        if hosts:
            (self.directory / "hosts").write_text(hosts)
            self.prefix = private_etc(hosts=self.directory / "hosts")
        if os.geteuid() == 0:
            user = pwd.getpwnam("mysql")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self.prefix += ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._install()

    def _install(self):
        done = subprocess.run([*self.prefix, "mariadb-install-db", TRUSTED, f"--datadir={self.directory}/data",
                               "--auth-root-authentication-method=normal", "--skip-test-db",
                               "--innodb-log-file-size=8M"], capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def command(self):
        return [*self.prefix, "mariadbd", TRUSTED, f"--datadir={self.directory}/data", f"--port={self.port}",
                f"--bind-address={self.host}", f"--socket={self.directory}/socket", "--innodb-log-file-size=8M",
                f"--pid-file={self.directory}/pid", *self.options]

    def answers(self):
        return self._client("mysqladmin", "ping").returncode == 0

    def sql(self, statement):
        done = self._client("mysql", "-N", "-e", statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client_of(self, user):
        """A session of that user's over TCP, at its end already."""
        done = subprocess.run(["mysql", TRUSTED, "-u", user, "-h", self.host, "-P", str(self.port), "-e", "SELECT 1"],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def _client(self, program, *words):
        return subprocess.run([program, TRUSTED, "-u", "root", "-S", f"{self.directory}/socket", *words],
                              capture_output=True, text=True, check=False)

    @property
    def log(self):
        return (self.directory / "output").read_text()
