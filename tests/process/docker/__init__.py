# SPDX-License-Identifier: Apache-2.0
"""The image under a real Docker Engine, used as its users use it."""
