# SPDX-License-Identifier: Apache-2.0
"""Bytes in bulk: iperf3 through the relay, 1 and 4 streams, each way and both ways at once."""

import json

from .cases import Case, per_unit
from .namespaces import SERVER_PORT
from .trial import Failed

WAYS = {"up": ("to the server", ()), "down": ("to the client", ("-R",)), "both": ("both ways at once", ("--bidir",))}


def bytes_and_seconds(said):
    """What arrived at both ends together, from iperf3's own report."""
    report = json.loads(said)
    if "error" in report:
        raise Failed(f"iperf3: {report['error']}")
    ends = [report["end"][key] for key in ("sum_received", "sum_received_bidir_reverse") if key in report["end"]]
    if not ends or not all(end["bytes"] and end["seconds"] for end in ends):
        raise Failed("iperf3 does not know what arrived")
    return sum(end["bytes"] for end in ends), max(end["seconds"] for end in ends)


def bulk(streams, way):
    def measure(trial):
        trial.start_server(["iperf3", "-s", "-p", str(SERVER_PORT)])
        host, port, _ = trial.start_relay()
        words = ["iperf3", "-J", "-c", host, "-p", str(port), "-P", str(streams), *WAYS[way][1], "-t"]
        metered = trial.metered(lambda: trial.client([*words, f"{max(1, round(trial.options.seconds))}"]))
        count, seconds = bytes_and_seconds(metered.result)
        return {"gbit_s": count * 8 / seconds / 1e9,
                **per_unit(metered, count / 1e9, 1, "relay_s_per_gb", "machine_s_per_gb")}
    return measure


def cases():
    for streams in (1, 4):
        for way, (title, _) in WAYS.items():
            yield Case("bulk", f"{streams}-{way}", f"{streams} stream{'s' if streams > 1 else ''} {title}",
                       bulk(streams, way), in_quick=way == "up", in_both=way == "up" or (streams, way) == (1, "both"))
