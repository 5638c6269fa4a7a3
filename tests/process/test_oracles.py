# SPDX-License-Identifier: Apache-2.0
"""bench/oracles tells relays apart: an oracle that finds nothing wrong with anybody would be blind."""

import subprocess

from support.ambassador import ROOT
from support.network import skip_without_namespaces


def oracles(*words):
    skip_without_namespaces()
    done = subprocess.run([ROOT / "bench" / "oracles", "--no-setup", *words], capture_output=True, text=True,
                          timeout=120, check=False)
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("|")], done.stderr


def test_the_ambassador_resets_where_socat_makes_up_a_fin():
    code, rows, said = oracles("--relays", "ambassador,socat", "--cases", "destroyed socket")
    assert code == 0, said
    assert rows[0] == "| | ambassador (splice) | ambassador (copy) | socat |"
    cells = [cell.strip() for cell in rows[2].strip("|").split("|")]
    assert cells[1:3] == ["exact", "exact"]
    assert cells[3].startswith("FIN instead of RST")


def test_a_word_that_no_relay_and_no_case_has_is_refused():
    code, rows, said = oracles("--relays", "squid")
    assert (code, rows) == (1, [])
    assert "no relay or no case has such a name" in said
