# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition with a deadline: the only way in which these tests wait."""

import time


def eventually(condition, what, within=20.0, every=0.01):
    """Returns the first true value of condition(); fails saying `what` (text, or a function giving it)."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what() if callable(what) else what}")
        time.sleep(every)
