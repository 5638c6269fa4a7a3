# SPDX-License-Identifier: Apache-2.0
"""without_splice.py PROGRAM [ARGUMENT...]: runs it where splice(2) fails with EPERM, as under a strict seccomp filter."""

import ctypes
import errno
import os
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
ALLOW, FAIL = 0x7FFF0000, 0x00050000
SPLICE = {"x86_64": 275, "aarch64": 76}

# Instructions of classic BPF: load a word of the call's description, compare and jump, return.
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
CALL_NUMBER = 0


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


def refuse(number, error=errno.EPERM):
    program = b"".join([instruction(LOAD, CALL_NUMBER), instruction(JUMP_IF_EQUAL, number, if_false=1),
                        instruction(RETURN, FAIL | error), instruction(RETURN, ALLOW)])
    code = ctypes.create_string_buffer(program, len(program))
    description = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, description, 0, 0)):
        if libc.prctl(*call) != 0:
            sys.exit(f"without_splice.py: prctl: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    refuse(SPLICE[os.uname().machine])
    os.execvp(sys.argv[1], sys.argv[1:])
