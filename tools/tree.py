# SPDX-License-Identifier: Apache-2.0
"""What the tools/check_* scripts share: which files there are, and how a problem is reported.

Each of them is called as `tools/check_x [ROOT]`, looks at the tree at ROOT (this repository when absent), prints
`file:line: what` for every problem, and exits with 1 if there was one.
"""

import os
import pathlib
import sys


def root():
    return pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()


def files(top, folders, is_wanted=lambda path: True):
    """Files below top/folder for each folder, as sorted paths relative to `top`; what git never sees is left out,
    and so are corpora, which are bytes and no text."""
    found = []
    for folder in folders:
        for directory, names, leaves in os.walk(top / folder):
            names[:] = [name for name in names if name not in (".git", "build", "corpus", "node_modules", "__pycache__", ".pytest_cache")]
            found += [(pathlib.Path(directory) / leaf).relative_to(top) for leaf in leaves]
    return sorted(path for path in found if is_wanted(path))


def is_cxx(path):
    return path.suffix in (".cc", ".h")


def read(top, path):
    return (top / path).read_text(encoding="utf-8", errors="replace")


def finish(problems):
    """Each problem is (path, line number, what)."""
    for path, line, what in sorted(problems):
        print(f"{path}:{line}: {what}")
    sys.exit(1 if problems else 0)
