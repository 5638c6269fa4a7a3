# SPDX-License-Identifier: Apache-2.0
"""Every failure case on both relays of the shipped program: splicing, and copying where the kernel refuses splice."""

import pytest

from cases.catalogue import PROMISED
from cases.ends import take
from cases.lab import Lab
from cases.relays import AMBASSADOR, WITHOUT_SPLICE
from support import processes
from support.ambassador import run_to_end
from support.bytes import KIB, MIB, noise
from support.network import skip_without_namespaces


@pytest.fixture
def play(request):
    def play(relay, case, full=False):
        """case(lab), then nothing may be left of it, and the program must end well."""
        skip_without_namespaces()
        lab = Lab(AMBASSADOR[relay], full)
        passed = False
        try:
            case(lab)
            lab.settle()
            passed = True
        finally:
            if lab.relay:
                request.node.ambassadors = [lab.relay.process]
            lab.close(well=passed)
    return play


both_relays = pytest.mark.parametrize("relay", AMBASSADOR)


@both_relays
@pytest.mark.parametrize("case", PROMISED, ids=lambda case: case.name)
def test_case(play, relay, case):
    play(relay, case.play)


@both_relays
@pytest.mark.minutes
@pytest.mark.parametrize("case", [case for case in PROMISED if case.scales], ids=lambda case: case.name)
def test_case_at_its_full_length(play, relay, case):
    play(relay, case.play, full=True)


def test_the_program_knows_where_splice_is_refused():
    assert "copy\n" in run_to_end("version", prefix=WITHOUT_SPLICE).out
    assert "copy and splice\n" in run_to_end("version").out


@pytest.mark.parametrize("relay, pipes", [("splice", True), ("copy", False)])
def test_bulk_goes_through_pipes_unless_splice_is_refused(play, relay, pipes):
    def bulk(lab):
        data = noise(32 * MIB, seed=0)
        with lab.session(receive_buffer=32 * KIB) as (consumer, upstream):
            before = processes.pipe_ends(lab.relay.leader())
            sending = upstream.send_in_background(data)
            take(consumer, data[:16 * MIB])
            assert (processes.pipe_ends(lab.relay.leader()) > before) == pipes
            take(consumer, data[16 * MIB:])
            sending.result()
    play(relay, bulk)
