# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name resolution and TCP: the layers below WinRM.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import socket
import time
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import NEXT_STEPS, HostError, Layer

#: Family, and address as its family writes it.
Address = tuple[socket.AddressFamily, tuple[t.Any, ...]]


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a host in the order in which the system prefers them; at least one.

    Raises:
        HostError: for a name that has no address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        observed = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        raise HostError(Layer.NAME_RESOLUTION, host, observed, NEXT_STEPS[Layer.NAME_RESOLUTION]) from exc
    return [(entry[0], entry[4]) for entry in found]


def dial(host: str, addresses: t.Sequence[Address], timeout: float) -> socket.socket:
    """A connection to the first address that takes it; a listener may serve only one of IPv4 and IPv6.

    Args:
        host: what the addresses belong to, for the error.
        addresses: as ``resolve`` gives them.
        timeout: seconds for all of them together; also the socket's own timeout.

    Raises:
        HostError: if none takes it, with what the first one said.
    """
    deadline = time.monotonic() + timeout
    failures: list[str] = []
    for family, address in addresses:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(remaining)
        try:
            connection.connect(address)
        except OSError as exc:
            connection.close()
            reason = f"no answer within {timeout:g} s" if isinstance(exc, TimeoutError) else exc.strerror or str(exc)
            failures.append(f"port {address[1]}: {reason}")
        else:
            connection.settimeout(timeout)
            return connection
    raise HostError(Layer.TCP, host, failures[0], NEXT_STEPS[Layer.TCP])
