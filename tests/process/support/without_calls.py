# SPDX-License-Identifier: Apache-2.0
"""without_calls.py NAME=ERRNO[,NAME=ERRNO...] PROGRAM [ARGUMENT...]: runs it where these system calls fail, as the seccomp
profile of a container engine makes them fail."""

import errno
import os
import sys

from without_splice import SPLICE, refuse

NUMBERS = {
    "clone": {"x86_64": 56, "aarch64": 220},
    "clone3": {"x86_64": 435, "aarch64": 435},
    "splice": SPLICE,
}


if __name__ == "__main__":
    for refused in sys.argv[1].split(","):
        name, error = refused.split("=")
        refuse(NUMBERS[name][os.uname().machine], getattr(errno, error))
    os.execvp(sys.argv[2], sys.argv[2:])
