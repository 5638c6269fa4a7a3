# SPDX-License-Identifier: Apache-2.0
"""What a relay can do wrong, in a few words that can stand in a table."""

CORRUPT = "corrupt"
DIES = "dies"
FIN_FOR_RST = "FIN instead of RST"
HANGS = "hangs"
KEEPS = "keeps something"
REFUSES = "refuses"
RST_FOR_FIN = "RST instead of FIN"
SKEWED = "skewed"
SPINS = "spins"
STALLS = "stalls"
TRUNCATED = "truncated"
UNBOUNDED = "unbounded"


class Deviation(AssertionError):
    """The relay did what it should not have done: one of the words, and what was seen."""

    def __init__(self, word, seen):
        super().__init__(f"{word}: {seen}")
        self.word = word
        self.seen = seen


class NotApplicable(Exception):
    """The relay cannot be put into this case at all."""
