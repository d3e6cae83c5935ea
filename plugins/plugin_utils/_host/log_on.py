# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible, kinit, the Kerberos library and OpenSSL say of a log-on that failed, and what to do about each.

PRIVATE to the collection: may change without notice.

Sources: the texts as MIT Kerberos 1.20, pykerberos 1.2.4, pywinrm 0.5.0, OpenSSL 3.0 and ansible-core 2.19 print them.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import Layer

_TICKET = (
    "Get a ticket with kinit as the user that runs Ansible (klist shows whose it is and how long it lasts), or set "
    "ansible_password: Ansible then gets one itself."
)
_MAPPING = (
    "Check on the host that the certificate's name and issuer are mapped to an account "
    "(winrm enumerate winrm/config/service/certmapping), that its password there is the current one, and that "
    "certificates are taken (winrm get winrm/config/service/auth)."
)
_PEM = (
    "Set ansible_winrm_cert_pem and ansible_winrm_cert_key_pem to the PEM files of the certificate and of its key, "
    "without a passphrase, on the controller."
)


@dataclasses.dataclass(frozen=True)
class Explanation:
    """A failure that can be told by its text.

    Attributes:
        text: what stands in it, whatever its case.
        layer: what it speaks of.
        next_step: what the operator can do about it.
    """

    text: str
    layer: Layer
    next_step: str


#: The first one that fits counts.
EXPLANATIONS = (
    Explanation(
        "python kerberos library is not installed",
        Layer.CONTROLLER,
        "Install it where ansible-core is: pip install 'pywinrm[kerberos]', which needs a C compiler and the headers "
        "of Kerberos (Debian: gcc, libkrb5-dev; Red Hat: gcc, krb5-devel). Or set ansible_winrm_transport to ntlm.",
    ),
    Explanation(
        "the host does not take Negotiate",
        Layer.AUTHENTICATION,
        "Set ansible_winrm_transport to a way that the host takes, or let it take Negotiate "
        "(winrm get winrm/config/service/auth on the host shows which it takes).",
    ),
    Explanation(
        "when calling kinit cmd",
        Layer.CONTROLLER,
        "Install the Kerberos client (Debian: krb5-user; Red Hat: krb5-workstation), or set ansible_winrm_kinit_cmd to "
        "the path of its kinit.",
    ),
    Explanation(
        "Cannot find KDC for realm",
        Layer.AUTHENTICATION,
        "Write the realm, which is the domain's name in capitals, behind the @ of ansible_user, and name its domain "
        "controllers in /etc/krb5.conf on the controller unless DNS does.",
    ),
    Explanation(
        "Cannot contact any KDC",
        Layer.AUTHENTICATION,
        "Check that the controller reaches port 88, TCP and UDP, of the domain controllers that /etc/krb5.conf or DNS "
        "names.",
    ),
    Explanation(
        "not found in Kerberos database while getting initial credentials",
        Layer.AUTHENTICATION,
        "Check ansible_user: the account's name, @, and its domain's name in capitals.",
    ),
    Explanation(
        "Password incorrect",
        Layer.AUTHENTICATION,
        "Check ansible_password: the domain refuses it. Mind that further attempts may lock the account.",
    ),
    Explanation(
        "Preauthentication failed",
        Layer.AUTHENTICATION,
        "Check ansible_password: the domain refuses it. Mind that further attempts may lock the account.",
    ),
    Explanation(
        "credentials have been revoked",
        Layer.AUTHENTICATION,
        "The account is disabled, expired or locked, or may not log on at this hour: ask who administers the domain.",
    ),
    Explanation(
        "no support for encryption type",
        Layer.AUTHENTICATION,
        "Domains, accounts and servers of Windows Server 2003 know RC4 alone, which the controller refuses: put "
        "arcfour-hmac into permitted_enctypes of /etc/krb5.conf as the guide on getting started shows.",
    ),
    Explanation(
        "Clock skew too great",
        Layer.AUTHENTICATION,
        "Set the controller's clock by the domain's: Kerberos stands a difference of five minutes.",
    ),
    Explanation(
        "not found in Kerberos database",
        Layer.AUTHENTICATION,
        "The domain knows no service HTTP of this name. Put the host's full name, as the domain has it, into the "
        "inventory or into ansible_winrm_kerberos_hostname_override; kvno HTTP/NAME tries a name.",
    ),
    Explanation("No Kerberos credentials available", Layer.AUTHENTICATION, _TICKET),
    Explanation("in cache collection", Layer.AUTHENTICATION, _TICKET),
    Explanation("Ticket expired", Layer.AUTHENTICATION, _TICKET),
    Explanation("cert_pem and cert_key_pem must be specified", Layer.AUTHENTICATION, _PEM),
    Explanation("cert_pem file not found", Layer.AUTHENTICATION, _PEM),
    Explanation("cert_key_pem file not found", Layer.AUTHENTICATION, _PEM),
    Explanation("[SSL] PEM lib", Layer.AUTHENTICATION, _PEM),
    Explanation("key values mismatch", Layer.AUTHENTICATION, _PEM),
    Explanation("certificate: the specified credentials were rejected", Layer.AUTHENTICATION, _MAPPING),
    Explanation(
        "alert unknown ca",
        Layer.AUTHENTICATION,
        "The host does not trust the authority that issued the certificate in ansible_winrm_cert_pem: put that "
        "authority's certificate into the Trusted Root Certification Authorities of the host's computer account.",
    ),
)


def explanation(text: str) -> Explanation | None:
    """What a failure's text tells; None for a text that is not known."""
    folded = text.lower()
    return next((each for each in EXPLANATIONS if each.text.lower() in folded), None)
