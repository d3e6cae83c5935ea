# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Ansible's C(winrm) connection will go, and how, read from its options alone: nothing is sent.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer

_SEALING_TRANSPORTS = frozenset({"ntlm", "kerberos", "credssp"})
_BARE_PASSWORD_TRANSPORTS = frozenset({"basic", "plaintext", "ssl"})


class Options(t.Protocol):
    """What gives the options of a connection plugin."""

    def get_option(self, option: str) -> t.Any:
        """The value of an option."""


@dataclasses.dataclass(frozen=True)
class Target:
    """A WinRM listener as the inventory describes it.

    Attributes:
        host: name or address.
        port: TCP port.
        scheme: C(http) or C(https).
        path: of the URL.
        transports: ways to log on, in the order in which they are tried.
        account: who logs on.
        extras: variables C(ansible_winrm_*) that go to pywinrm.
        named: whether the operator chose the ways to log on.
        legacy_tls: whether versions and ciphers of TLS are taken that no longer count as safe.
    """

    host: str
    port: int
    scheme: str
    path: str
    transports: tuple[str, ...]
    account: str
    extras: t.Mapping[str, t.Any]
    named: bool = True
    legacy_tls: bool = False

    @classmethod
    def of(cls, connection: Options, legacy_tls: bool = False) -> Target:
        """The target of a connection; scheme and transport default as they do in Ansible's plugin."""
        option = connection.get_option
        port, account = int(option("port")), str(option("remote_user") or "")
        scheme = option("scheme") or ("http" if port == 5985 else "https")
        transports = [transport for transport in option("transport") or () if transport]
        named = bool(transports)
        if not named:
            transports = ["kerberos" if "@" in account else "ssl" if scheme == "https" else "plaintext"]
        return cls(
            host=str(option("remote_addr")),
            port=port,
            scheme=scheme,
            path=option("path"),
            transports=tuple(transports),
            account=account,
            extras=option("_extras"),
            named=named,
            legacy_tls=legacy_tls,
        )

    @property
    def who(self) -> str:
        """Who logs on: where no account is named, what else says who that is."""
        certificate = self.extras.get("ansible_winrm_cert_pem")
        nameless = "the holder of the ticket" if "kerberos" in self.transports else "nobody"
        return self.account or (f"the certificate {certificate}" if certificate else nameless)

    @property
    def proxied(self) -> bool:
        """Whether a proxy stands between, which resolves the name and connects for us."""
        return bool(self.extras.get("ansible_winrm_proxy"))

    @property
    def tls(self) -> bool:
        """Whether TLS is to be spoken."""
        return self.scheme == "https"

    def require_trust(self) -> None:
        """Refuses a setting that looks as if certificates were checked, while requests then checks none.

        Raises:
            HostError: for C(ansible_winrm_ca_trust_path) without a value, as an empty variable makes it.
        """
        validated = self.extras.get("ansible_winrm_server_cert_validation") != "ignore"
        if self.tls and validated and self.extras.get("ansible_winrm_ca_trust_path") == "":
            raise HostError(
                Layer.TLS,
                self.host,
                "ansible_winrm_ca_trust_path is empty, so that no certificate would be checked",
                "Remove it or name a file; if it is meant, say ansible_winrm_server_cert_validation=ignore.",
            )

    def require_secrecy(self) -> None:
        """Refuses to send readable messages, and maybe the password, unless the operator chose a way that does.

        Raises:
            HostError: for HTTP without a way to log on: Ansible would take Basic, also where Kerberos has failed.
        """
        if not self.tls and not self.named:
            raise HostError(
                Layer.AUTHENTICATION,
                self.host,
                "no ansible_winrm_transport is set, and over HTTP Ansible's own choice shows the password on the way",
                "Set ansible_winrm_transport to ntlm or kerberos, which encrypt messages, or use HTTPS.",
            )

    @property
    def sealed(self) -> bool:
        """Whether messages travel encrypted, be it by TLS or by the way to log on."""
        if self.tls:
            return True
        never = self.extras.get("ansible_winrm_message_encryption") == "never"
        return not never and bool(_SEALING_TRANSPORTS.intersection(self.transports))

    @property
    def weaknesses(self) -> list[str]:
        """A sentence for each thing that the operator chose and that somebody on the way could use."""
        found = []
        readable = [name for name in self.transports if name not in _SEALING_TRANSPORTS]
        if not self.tls and (readable or not self.sealed):
            what = "messages and the password" if _BARE_PASSWORD_TRANSPORTS.intersection(readable) else "messages"
            found.append(f"HTTP without message encryption: {what} can be read on the way, and messages changed.")
        if self.tls and self.extras.get("ansible_winrm_server_cert_validation") == "ignore":
            found.append("The host's certificate is not checked: who answers in its place gets the password.")
        if self.tls and self.legacy_tls:
            found.append("unblock_legacy_tls takes TLS versions and ciphers that can be broken.")
        return found
