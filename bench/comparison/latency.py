# SPDX-License-Identifier: Apache-2.0
"""What a relay adds to the time of an answer: with one connection, and while the machine has half of a full load.

Half of the load is an open loop: questions become due at random moments that no answer can put off, and a latency
begins when its question was due. So a relay that stops for a moment pays for all the questions that had to wait."""

from . import load
from .cases import Case, per_unit
from .requests import start_redis
from .trial import Failed, Trial

BUSY = 50


def answer_times(trial, busy, rate, start_relay=Trial.start_relay):
    start_redis(trial)
    with load.connected(trial, start_relay(trial), busy, 0, rate, trial.options.seconds) as ask:
        metered = trial.metered(ask)
    found = metered.result
    if found["unanswered"]:
        raise Failed(f"does not keep up with {rate:,.0f} requests/s")
    return metered, {f"{name}_ms": found[f"{name}_us"] / 1e3 for name in ("p50", "p99", "p999")}


def one_connection(trial):
    metered, times = answer_times(trial, 1, 0)
    return {**times, **per_unit(metered, metered.result["answered"], 1e6, "relay_us", "machine_us")}


def find_peak(topology, machine, options):
    """What the ambassador answers in a closed loop; measured once in a run, so that all peers get the same load."""
    if topology not in options.peaks:
        with Trial(topology, options.reference, machine, options) as trial:
            metered, _ = answer_times(trial, BUSY, 0)
        options.peaks[topology] = metered.result["answered"] / metered.result["seconds"]


def half_load(trial, start_relay=Trial.start_relay):
    rate = trial.options.peaks[type(trial.site)] / 2
    metered, times = answer_times(trial, BUSY, round(rate), start_relay)
    return {"asked_s": rate, **times, "late_p99_ms": metered.result["late_p99_us"] / 1e3,
            **per_unit(metered, metered.result["answered"], 1e6, "relay_us", "machine_us")}


def cases():
    yield Case("latency", "1", "1 connection, closed loop", one_connection, in_quick=True, in_both=True)
    yield Case("latency", "half", f"{BUSY} connections, open loop at half of the ambassador's most", half_load,
               in_quick=True, in_both=True, prepare=find_peak)
