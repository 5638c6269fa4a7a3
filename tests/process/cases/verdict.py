# SPDX-License-Identifier: Apache-2.0
"""What became of one case with one relay, for those who want to know and not to fail."""

from dataclasses import dataclass

from cases.deviation import DIES, Deviation, NotApplicable
from cases.lab import Lab

EXACT = "exact"
NOT_APPLICABLE = "n. a."


@dataclass(frozen=True)
class Verdict:
    word: str  # "exact", or what went wrong
    seen: str = ""


def of(play, *arguments):
    """How a call that raises at the first deviation went. Those that name no deviation have met one all the same."""
    try:
        play(*arguments)
        return Verdict(EXACT)
    except NotApplicable as why:
        return Verdict(NOT_APPLICABLE, str(why))
    except Deviation as deviation:
        return Verdict(deviation.word, deviation.seen)
    except (ConnectionResetError, BrokenPipeError) as error:
        return Verdict("RST", f"where none is due: {error.strerror}")
    except ConnectionRefusedError:
        return Verdict(DIES, "connections are refused")
    except (AssertionError, TimeoutError) as error:
        return Verdict("fails", " ".join(str(error).split()))


def judge(case, start_relay, full=False):
    """(of the case itself, of what it left behind); the latter is None where the case was no success."""
    lab = Lab(start_relay, full)
    try:
        during = of(case.play, lab)
        return during, of(lab.settle) if during.word == EXACT else None
    finally:
        lab.close()
