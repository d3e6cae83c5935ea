# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong between the controller and a Windows host, named by layer.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import enum
import typing as t

_OBSERVED_CHARACTERS = 500


class Layer(enum.Enum):
    """The layers between the controller and what is read or changed on a host, from the outside in."""

    CONTROLLER = "controller"
    NAME_RESOLUTION = "name resolution"
    TCP = "TCP"
    TLS = "TLS"
    AUTHENTICATION = "authentication"
    WS_MAN = "WS-Man"
    SHELL = "shell"
    SCRIPT_HOST = "script host"
    SCRIPT = "script"
    WORKSPACE = "working folder"
    DOT_NET = ".NET Framework 2.0"
    TRANSFER = "transfer"
    REGISTRY = "registry"
    INSTALLER = "installer"
    RESTART = "restart"
    WSUS_API = "WSUS administration API"
    COLLECTED = "collected file"


#: Layers whose failure means that the host was never reached (Ansible counts a refused log-on among them).
UNREACHABLE_LAYERS = frozenset({Layer.NAME_RESOLUTION, Layer.TCP, Layer.TLS, Layer.AUTHENTICATION})

#: What to do about a layer of which nothing more is known than that it failed.
NEXT_STEPS = {
    Layer.CONTROLLER: "Install the Python packages that the README names on the controller.",
    Layer.NAME_RESOLUTION: "Check the host's name, or set ansible_host to its address.",
    Layer.TCP: "Check that WinRM listens on this port (winrm enumerate winrm/config/listener) and that no firewall "
    "stands between; WinRM 1.1 listens on port 80 instead of 5985.",
    Layer.TLS: "Check the listener's certificate, or set ansible_winrm_ca_trust_path; servers of 2003 and 2008 speak "
    "TLS 1.0 only: prefer ansible_port=5985 with NTLM or Kerberos message encryption.",
    Layer.AUTHENTICATION: "Check ansible_user, ansible_password and ansible_winrm_transport, and that the host allows "
    "this way to log on (winrm get winrm/config/service/auth).",
    Layer.WS_MAN: "Check the WinRM service on the host (winrm id) and its event log.",
    Layer.SHELL: "Check that the account is an administrator and that remote shells are allowed "
    "(winrm get winrm/config/winrs).",
}


class HostError(Exception):
    """A failure on the way to a host or on it.

    Attributes:
        layer: where it failed.
        host: the address that was tried.
        observed: what was seen there, at most 500 characters, control characters replaced.
        next_step: what the operator can do about it, one or two sentences.
        fault: code of the WS-Man fault that said so, 32 bits; None if none did.
    """

    def __init__(self, layer: Layer, host: str, observed: str, next_step: str, fault: int | None = None) -> None:
        self.layer = layer
        self.host = host
        self.observed = printable(observed, _OBSERVED_CHARACTERS)
        self.next_step = next_step
        self.fault = fault
        super().__init__(f"{layer.value} failed for {host}: {self.observed}. {next_step}")

    @property
    def unreachable(self) -> bool:
        """Whether the host counts as unreachable, as opposed to reached and in error."""
        return self.layer in UNREACHABLE_LAYERS

    def as_dict(self) -> dict[str, t.Any]:
        """The error as it stands in results and reports."""
        return {
            "layer": self.layer.value,
            "observed": self.observed,
            "next_step": self.next_step,
            "message": str(self),
        }


def printable(text: str, limit: int) -> str:
    """Text from a host in one line of at most ``limit`` characters, without control characters."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    flat = flat.rstrip(".")
    return flat if len(flat) <= limit else flat[: limit - 3] + "..."
