# SPDX-License-Identifier: Apache-2.0
"""The service is a UNIX socket whose process dies while the consumer stays."""

import subprocess
import sys

from cases.deviation import SPINS, Deviation
from cases.ends import take, take_end
from support.bytes import MIB, noise

SEED = 13
SERVICE = f"""
import random, socket, sys, time
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
print("listening", flush=True)
connection = listening.accept()[0]
connection.sendall(random.Random({SEED}).randbytes({MIB}))
print("sent", flush=True)
sys.stdin.read()
"""


def a_unix_service_that_is_killed_leaves_the_consumer_all_it_sent_and_an_end(lab):
    path = lab.directory / "service.sock"
    process = subprocess.Popen([sys.executable, "-c", SERVICE, str(path)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "listening\n"
        relay = lab.relay_to_path(path)
        with relay.connect() as consumer:
            data = noise(MIB, SEED)
            take(consumer, data)
            assert process.stdout.readline() == "sent\n"
            process.kill()
            process.wait()
            take_end(consumer)
            share = lab.cpu_share(1.0)
    finally:
        process.kill()
        process.communicate()
    if share > 0.05:
        raise Deviation(SPINS, f"{share:.0%} of a processor after the service is gone")
    lab.may_fail("upstream_reset")
