# SPDX-License-Identifier: Apache-2.0
"""The failure cases: each a function that plays consumer and service around a relay and raises a Deviation at the first
thing that a good relay would not do. Pytest plays them with the ambassador, bench/oracles with other relays as well."""
