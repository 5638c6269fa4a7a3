# SPDX-License-Identifier: Apache-2.0
"""A small tree to hold against one of the repository's checks."""

import pathlib
import subprocess

import pytest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


class Tree:
    def __init__(self, top):
        self.top = top

    def write(self, path, text=""):
        (self.top / path).parent.mkdir(parents=True, exist_ok=True)
        (self.top / path).write_text(text)
        return self

    def complaints_of(self, check):
        """The lines that tools/`check` prints about this tree; its exit status agrees with them."""
        done = subprocess.run([TOOLS / check, self.top], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert done.returncode == (1 if done.stdout else 0)
        return done.stdout.splitlines()


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)
