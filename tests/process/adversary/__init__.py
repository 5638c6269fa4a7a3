# SPDX-License-Identifier: Apache-2.0
"""Whatever comes from outside: nothing of it stops the program, starves it, or makes it lie."""
