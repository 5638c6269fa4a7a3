# SPDX-License-Identifier: Apache-2.0
"""What the process tests are written in: the program, its peers, real servers, and hosts made of namespaces."""
