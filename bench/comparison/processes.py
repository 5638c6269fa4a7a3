# SPDX-License-Identifier: Apache-2.0
"""What the benchmark starts, and ends again with all its children, by process id."""

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from .namespaces import LIBC, enter

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def adopt_orphans():
    """A relay's children outlive it when it is killed; then they are ours to find and to end."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid):
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def tree(pid):
    return [pid] + [each for child in children(pid) for each in tree(child)]


def start(words, *, namespace, account=None, environment=None, before_exec=None, **popen):
    """A process in a network namespace, charged to an account from its first instruction on, that dies with us."""
    def prepare():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        enter(namespace.fd)
        if account is not None:
            account.join()
        if before_exec is not None:
            before_exec()

    popen = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **popen}
    environment = {"PATH": os.environ["PATH"], **(environment or {})}
    return subprocess.Popen(words, env=environment, preexec_fn=prepare, **popen)  # noqa: PLW1509 we have one thread


def kill(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def end_tree(process):
    """Stops the first so that it starts no more, then kills all of them and waits until the kernel has taken them."""
    if process.poll() is not None:
        return
    kill(process.pid, signal.SIGSTOP)
    family = tree(process.pid)
    for pid in reversed(family):
        kill(pid, signal.SIGKILL)
    process.wait()
    for pid in family[1:]:
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            pass  # its parent had already seen it end


def end_others(kept):
    """Whoever is our child still: orphans of a relay, and what was being started or ended when somebody stopped us."""
    for pid in children(os.getpid()):
        if pid not in kept:
            kill(pid, signal.SIGKILL)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def refuse_splice():
    """From here on this process and its children get ENOSYS from splice(2). Root needs no no-new-privileges for it."""
    class Filter(ctypes.Structure):
        _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]

    splice = {"x86_64": 275, "aarch64": 76}[os.uname().machine]
    load_number, jump_equal, leave = 0x20, 0x15, 0x06
    allow, enosys = 0x7fff0000, 0x00050000 | 38
    rules = (Filter * 4)(Filter(load_number, 0, 0, 0), Filter(jump_equal, 0, 1, splice),
                         Filter(leave, 0, 0, enosys), Filter(leave, 0, 0, allow))
    pr_set_seccomp, mode_filter = 22, 2
    if LIBC.prctl(pr_set_seccomp, mode_filter, ctypes.byref(Program(4, rules)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
