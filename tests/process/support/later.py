# SPDX-License-Identifier: Apache-2.0
"""later.py SECONDS PROGRAM [ARGUMENT...]: runs it in a time namespace whose machine seems to be up for so long."""

import ctypes
import os
import sys
import time

CLONE_NEWTIME = 0x80


def check(result, what):
    if result != 0:
        sys.exit(f"later.py: {what}: {os.strerror(ctypes.get_errno())}")


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    check(libc.unshare(CLONE_NEWTIME), "unshare")
    with open("/proc/self/timens_offsets", "w") as offsets:
        seconds, nanoseconds = divmod(int(float(sys.argv[1]) * 1e9) - time.monotonic_ns(), 10**9)
        offsets.write(f"monotonic {seconds} {nanoseconds}\nboottime {seconds} {nanoseconds}\n")
    # Only children would be in it; entering it keeps the process id, which the caller knows.
    with open("/proc/self/ns/time_for_children") as namespace:
        check(libc.setns(namespace.fileno(), CLONE_NEWTIME), "setns")
    os.execvp(sys.argv[2], sys.argv[2:])


main()
