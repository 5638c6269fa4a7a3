# SPDX-License-Identifier: Apache-2.0
"""Two hosts joined by support/wire.py instead of a good wire."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("wire.py")


class BadWire:
    """Joins `first` and `second` as 10.78.<number>.1 and .2, added to each host's addresses."""

    def __init__(self, first, second, number, seed, **faults):
        self.hosts = (first, second)
        device = f"wire{number}"
        options = [f"--{name.replace('_', '-')}={value}" for name, value in faults.items()]
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, f"--seed={seed}", f"--name={device}", *options, first.namespace,
             second.namespace], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n", "the wire does not start"
        for index, host in enumerate(self.hosts, 1):
            address = f"10.78.{number}.{index}"
            host.run("ip", "address", "add", f"{address}/24", "dev", device)
            host.run("ip", "link", "set", device, "up", "txqueuelen", "1000")
            host.addresses.append(address)

    def cut(self):
        """The end of the wire; what it did, in numbers."""
        if self._process.poll() is None:
            said, _ = self._process.communicate(timeout=10)
            return json.loads(said)
        return None
