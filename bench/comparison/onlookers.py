# SPDX-License-Identifier: Apache-2.0
"""onlookers.py PORT TOKEN: what looks at a running program: Prometheus, which scrapes each second, and an open page, which
follows the numbers and asks for the sessions every two seconds; until it is ended."""

import http.client
import sys
import threading
import time

SCRAPE_S, SESSIONS_S = 1, 2


def ask(connection, path, token):
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {answer.read(300)}")
    return answer


def ask_again_and_again(port, token, path, pause_s):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while True:
        ask(connection, path, token).read()
        time.sleep(pause_s)


def follow(port, token):
    numbers = ask(http.client.HTTPConnection("127.0.0.1", port, timeout=30), "/v1/watch", token)
    while numbers.read1():
        pass


def main():
    port, token = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=ask_again_and_again, args=(port, token, "/metrics", SCRAPE_S), daemon=True).start()
    threading.Thread(target=ask_again_and_again, args=(port, token, "/v1/sessions?most=500", SESSIONS_S), daemon=True).start()
    follow(port, token)


main()
