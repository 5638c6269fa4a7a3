# SPDX-License-Identifier: Apache-2.0
"""bench/compare: the ambassador beside other relays, measured in turns on one machine."""
