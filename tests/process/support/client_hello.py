# SPDX-License-Identifier: Apache-2.0
"""The first record of a TLS client that says anything at all for a server's name."""


def counted(body, width):
    return len(body).to_bytes(width, "big") + body


def client_hello(server_name, protocols=()):
    """Bytes; `server_name` and the protocols are bytes as well."""
    name = counted(counted(b"\0" + counted(server_name, 2), 2), 2)
    extensions = b"\0\0" + name
    if protocols:
        extensions += b"\0\x10" + counted(counted(b"".join(counted(one, 1) for one in protocols), 2), 2)
    message = b"\x03\x03" + b"r" * 32 + counted(b"", 1) + counted(b"\x13\x01", 2) + counted(b"\0", 1) + counted(extensions, 2)
    return b"\x16\x03\x01" + counted(b"\x01" + counted(message, 3), 2)
