# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the SMS 2003 clients of a ConfigMgr site through the SMS provider on the site server.

PRIVATE to the collection: may change without notice.

The provider shows an account only what it has rights to, and answers an empty set rather than refuse: zero is believed
only of an account that sees any C(SMS_R_System) at all.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.wql import count
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.configmgr import SmsClients, configmgr_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings

#: No site is asked for more: that there are SMS 2003 clients decides, not how many.
MOST_CLIENTS = 1000

#: Releases whose rule asks for the number.
_ASKED_RELEASES = ("2007", "2007 SP1")

_SITE_CODE = re.compile(r"[A-Za-z0-9]{3}")
_SERVER = re.compile(r"^\\*(?:\[?Display=)?\\*([^\\\]\"]+)")
_CLIENTS_QUERY = "SELECT ResourceID FROM SMS_R_System WHERE ClientVersion LIKE '2.50.%'"
_ANY_QUERY = "SELECT ResourceID FROM SMS_R_System"
_REQUESTS = 3


def site_clients(shell: Shell, readings: Readings, product: Product) -> SmsClients | None:
    """The SMS 2003 clients of the site, in at most three requests; None on hosts where the number does not matter.

    Args:
        shell: an open shell on the host.
        readings: an answer to the reads of the products C(host) and C(configmgr).
        product: the product file C(configmgr).
    """
    facts = configmgr_facts(readings, product)
    if not facts["installed"] or facts["release"] not in _ASKED_RELEASES:
        return None
    return _ask(shell, facts, readings.text("os.computer_name"))


def _ask(shell: Shell, facts: t.Mapping[str, t.Any], computer_name: str | None) -> SmsClients:
    site_code = facts["site_code"]
    if not site_code or not _SITE_CODE.fullmatch(site_code):
        return SmsClients(note="the site code is unknown")
    server = _server_of(facts["provider"])
    if server and (computer_name is None or server.partition(".")[0].lower() != computer_name.lower()):
        return SmsClients(note=f"the SMS provider is on {server}, another machine")
    namespace = f"root/sms/site_{site_code}"
    try:
        clients = count(shell, namespace, _CLIENTS_QUERY, MOST_CLIENTS, _REQUESTS)
        if clients.found:
            return SmsClients(clients.found, clients.more, sees_resources=True)
        anything = count(shell, namespace, _ANY_QUERY, 1, _REQUESTS - clients.requests)
    except HostError as exc:
        return SmsClients(note=f"the SMS provider did not answer: {exc.observed}")
    if not anything.found:
        return SmsClients(note="the account sees no SMS_R_System: it lacks the right to read collections")
    return SmsClients(sees_resources=True)


def _server_of(provider: str | None) -> str | None:
    r"""The server in C(Provider Location), which is C(SERVER) or C(\\SERVER\root\sms\site_XYZ)."""
    match = _SERVER.match(provider or "")
    return match.group(1) if match else None
