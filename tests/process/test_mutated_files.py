# SPDX-License-Identifier: Apache-2.0
"""Failure case 46: whatever is written into the file of links, the wiring in force is a good one, and sessions go on."""

import random

from support.peer import Peer, echo
from support.ports import free_port

MUTATIONS = 200


def whole(port, url):
    return (f'# the links of this host\n[links.svc]\nlisten = {port}\nupstream = ["{url}"]\n'
            'health = "tcp"\nhealth_interval = "1s"\non_rewire = "keep"\n').encode()


def truncated(text, rng):
    return text[:rng.randrange(len(text))] + b"["


def nested(text, rng):
    depth = rng.choice([100, 10_000, 200_000])
    return text + b"x = " + b"[" * depth + b"]" * rng.choice([0, depth])


def no_utf8(text, rng):
    place = rng.randrange(len(text))
    return text[:place] + bytes([rng.choice([0x80, 0xC0, 0xFF, 0xED])]) + b"\xa0" + text[place:]


def huge(text, rng):
    return text + b"# " + b"x" * (10 * 1024 * 1024)


def unknown(text, rng):
    return text + rng.choice([b"helth = 'tcp'\n", b"[link.x]\n", b"policy = 7\n", b"\x00", b"listen = 1\n"])


def wrong_value(text, rng):
    return text.replace(b'"keep"', rng.choice([b'"keeep"', b"1", b'"drain="', b"{}", b"[]", b"nan"]))


def clashing(text, rng):
    return text + text.replace(b"links.svc", b"links.other").replace(b'"tcp"', b'"none"')


def test_no_bad_file_changes_the_live_wiring(from_file, service):
    port, rng = free_port(), random.Random(46)
    service.serve(echo)
    good = whole(port, service.url)
    near = from_file(good.decode())
    mutations = [truncated, nested, no_utf8, huge, unknown, wrong_value, clashing]
    with Peer.connect(port) as live:
        for number in range(MUTATIONS):
            near.file.write_bytes(mutations[number % len(mutations)](good, rng))
            status, answer = near.control.call("POST", "/v1/reload")
            assert status == 422, (number, answer)
            assert answer["problems"] and all(problem["from"] and problem["problem"] for problem in answer["problems"])
            with Peer.connect(port) as new:
                for peer in (live, new):
                    peer.send(b"as before")
                    peer.expect(b"as before")
    status = near.control.get("/v1/status")
    assert status["generation"] == 1
    # The watch may have seen some of the files first, or as well.
    assert status["reloads_rejected"] >= MUTATIONS
    near.file.write_bytes(good)
    assert near.control.change("POST", "/v1/reload")["was_applied"] is False
