#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sync_probe
short_description: Ask a WSUS server for updates as a client with Office 2003 would
version_added: 0.1.0
description:
  - Speaks the public client protocol [MS-WUSP] to a WSUS server and sees within seconds whether a client with Office 2003
    gets updates, or the fault of advisory 954960. Logs tell the same only after a real client has tried.
  - Sends what an update client sends before it knows which updates there are. First nothing is declared as installed, then,
    round after round, what the server told of and what others have as prerequisite, the category Office 2003 among it.
  - Downloads nothing, reports no event and approves nothing.
  - What remains on the server is a computer in its list, under the name O(computer_name), as of every client that asks.
  - Sends one request at a time, with a pause between two rounds.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
attributes:
  check_mode:
    support: full
    details: Nothing is sent. RV(would_send) says what would be.
  diff_mode:
    support: none
  platform:
    platforms: posix
options:
  server:
    description:
      - Name or address of the WSUS server.
    type: str
    required: true
  port:
    description:
      - Port of the web site of WSUS.
      - Without it, the ports of a WSUS installation are tried in turn. These are 8530 and 80 for HTTP, 8531 and 443 for HTTPS,
        and the first that is open counts.
    type: int
  use_ssl:
    description:
      - Whether the O(port) speaks HTTPS. Defaults to V(true) for the ports 443 and 8531, else to V(false).
      - With V(true), the ports 80 and 8530 mean those for HTTPS beside them, 443 and 8531. A server may know itself by the
        former.
    type: bool
  validate_certs:
    description:
      - Whether the certificate of the server must be valid.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates to trust, in PEM format. Defaults to those of the system.
    type: path
  use_proxy:
    description:
      - Whether to use the proxy that the environment names. WSUS servers are seldom behind one.
    type: bool
    default: false
  computer_name:
    description:
      - The name under which the probe shows in the list of computers of the server.
      - The same name is the same computer, however often it asks, and from wherever.
    type: str
    default: unblock-sync-probe.invalid
  target_group:
    description:
      - The group of computers that the probe asks to be in. Without it, the server decides.
    type: str
  office_2003_category:
    description:
      - UpdateID of the product category Office 2003. The default is what public lists of WSUS categories have.
    type: str
    default: 1403f223-a63f-f572-82ba-c92391218055
  timeout:
    description:
      - Seconds without a byte after which a request is given up.
    type: float
    default: 60
  max_rounds:
    description:
      - Calls of SyncUpdates after which the walk ends as V(inconclusive). A server gives 200 revisions with each.
    type: int
    default: 200
  max_seconds:
    description:
      - Seconds after which the walk ends as V(inconclusive).
    type: float
    default: 600
  max_bytes:
    description:
      - Bytes of all answers together after which the walk ends as V(inconclusive).
    type: int
    default: 268435456
  pause:
    description:
      - Seconds between two rounds.
    type: float
    default: 0.2
notes:
  - The module was tried against a server of this collection's tests that follows the specification, and never against a
    real WSUS.
  - Run it on the controller by C(delegate_to=localhost), or on a jump host that reaches the server.
seealso:
  - module: unblock.updates.assess
author:
  - unblock.updates contributors (@unblock)
"""

EXAMPLES = r"""
- name: Ask the update server from the controller
  unblock.updates.sync_probe:
    server: "{{ ansible_host }}"
    port: 8530
  delegate_to: localhost
  register: probed

- name: Stop if clients with Office 2003 get no updates
  ansible.builtin.assert:
    that: probed.outcome == 'healthy'
    fail_msg: "{{ probed.reason }} {{ probed.next_step }}"
"""

RETURN = r"""
outcome:
  description:
    - V(healthy) if the walk came to its end and the category Office 2003 was declared and answered on the way.
    - V(blocked) if SyncUpdates ended in the fault InternalServerError.
    - V(inconclusive) if the walk ended before that could be seen.
    - V(refused) if the server answered with another fault or not as an update server.
    - V(unreachable) if it did not answer.
    - Null in check mode.
  returned: always
  type: str
  choices: [healthy, blocked, inconclusive, refused, unreachable]
reason:
  description: Why the outcome is what it is, in one sentence.
  returned: always
  type: str
next_step:
  description: What to do about it.
  returned: always
  type: str
url:
  description: Where the server was asked.
  returned: always
  type: str
  sample: http://wsus.example.com:8530/
office_2003:
  description: Whether a call that declared the category Office 2003 as installed was made.
  returned: when something was sent
  type: bool
rounds:
  description: Calls of SyncUpdates that were answered.
  returned: when something was sent
  type: int
revisions:
  description: Revisions that the server told of.
  returned: when something was sent
  type: int
bytes:
  description: Bytes of all answers.
  returned: when something was sent
  type: int
method:
  description: The web method that was called last.
  returned: when something was sent
  type: str
  sample: SyncUpdates
fault_code:
  description: The code of the fault that ended the walk. Null if none did.
  returned: when something was sent
  type: str
  sample: InternalServerError
fault_id:
  description: The id by which the log of the server knows this fault. Null without one.
  returned: when something was sent
  type: str
registered:
  description: Whether the server demanded a registration, and got one.
  returned: when something was sent
  type: bool
identity:
  description: Who the probe said that it is.
  returned: always
  type: dict
  contains:
    computer_name:
      description: The name in the list of computers of the server.
      returned: always
      type: str
    client_id:
      description: The id that belongs to the name.
      returned: always
      type: str
started_at:
  description: When the first request was sent, in UTC by the clock of the machine that sent it.
  returned: when something was sent
  type: str
  sample: "2026-11-21T10:00:00.125Z"
finished_at:
  description: When the last answer came, in UTC by the same clock.
  returned: when something was sent
  type: str
would_send:
  description: What would be sent, one entry for each call.
  returned: in check mode
  type: list
  elements: str
"""

import datetime
import re
import socket
import typing as t
import uuid

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.unblock.updates.plugins.module_utils._soap import SoapError, SoapFault
from ansible_collections.unblock.updates.plugins.module_utils._wusp import (
    AUTHORIZATION_PATH,
    CLIENT_PATH,
    Client,
    Identity,
    StartOverError,
)
from ansible_collections.unblock.updates.plugins.module_utils._wusp_http import (
    Http,
    Options,
    RefusedError,
    TooMuchError,
    UnreachableError,
)
from ansible_collections.unblock.updates.plugins.module_utils._wusp_walk import OFFICE_2003, Limits, Walk, walk

#: Ports of a WSUS installation, and whether they speak HTTPS, in the order in which they are tried.
_PORTS = ((8530, False), (80, False), (8531, True), (443, True))
_SSL_PORTS = frozenset(port for port, is_ssl in _PORTS if is_ssl)
_SSL_BESIDE = {8530: 8531, 80: 443}

_NEXT_STEPS = {
    "healthy": "Nothing.",
    "blocked": "Judge the server, where the log knows the fault by this id: ansible-playbook unblock.updates.compliance",
    "inconclusive": "Raise the limit that the reason names, or look for the symptom in the logs.",
    "refused": "Check that this is the web site of WSUS and that its application pool runs, then ask again.",
    "unreachable": "Check the name, the port and the certificate of the server's web site, then ask again.",
}


def main() -> None:
    """Runs the module."""
    module = AnsibleModule(
        argument_spec={
            "server": {"type": "str", "required": True},
            "port": {"type": "int"},
            "use_ssl": {"type": "bool"},
            "validate_certs": {"type": "bool", "default": True},
            "ca_path": {"type": "path"},
            "use_proxy": {"type": "bool", "default": False},
            "computer_name": {"type": "str", "default": "unblock-sync-probe.invalid"},
            "target_group": {"type": "str"},
            "office_2003_category": {"type": "str", "default": OFFICE_2003},
            "timeout": {"type": "float", "default": 60},
            "max_rounds": {"type": "int", "default": 200},
            "max_seconds": {"type": "float", "default": 600},
            "max_bytes": {"type": "int", "default": 268435456},
            "pause": {"type": "float", "default": 0.2},
        },
        supports_check_mode=True,
    )
    problem = _problem(module.params)
    if problem:
        module.fail_json(msg=problem)
    identity = _identity(module.params)
    shown = {"computer_name": identity.dns_name, "client_id": identity.client_id}
    if module.check_mode:
        module.exit_json(changed=False, outcome=None, identity=shown, **_plan(module.params))
    module.exit_json(identity=shown, **_probe(module.params, identity))


def _problem(params: t.Mapping[str, t.Any]) -> str | None:
    """Why the arguments cannot be used; None if they can."""
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", params["server"]):
        return f"server must be a host name or an address, not {params['server']!r}"
    if params["port"] is not None and not 0 < params["port"] < 65536:
        return f"port must be from 1 to 65535, not {params['port']}"
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,255}", params["computer_name"]):
        return f"computer_name must be a DNS name, not {params['computer_name']!r}"
    for name in ("timeout", "max_rounds", "max_seconds", "max_bytes"):
        if not params[name] > 0:
            return f"{name} must be above 0, not {params[name]}"
    if not params["pause"] >= 0:
        return f"pause must be 0 seconds or more, not {params['pause']}"
    try:
        uuid.UUID(params["office_2003_category"])
    except ValueError:
        return f"office_2003_category must be a GUID, not {params['office_2003_category']!r}"
    return None


def _identity(params: t.Mapping[str, t.Any]) -> Identity:
    """The same name is the same computer, whoever runs the probe."""
    name = params["computer_name"].lower()
    return Identity(str(uuid.uuid5(uuid.NAMESPACE_DNS, name)), name, params["target_group"] or "")


def _bases(params: t.Mapping[str, t.Any]) -> list[str]:
    """Addresses of the web site, the likeliest first."""
    if params["port"] is not None:
        is_ssl = params["port"] in _SSL_PORTS if params["use_ssl"] is None else params["use_ssl"]
        port = _SSL_BESIDE.get(params["port"], params["port"]) if is_ssl else params["port"]
        sites: t.Iterable[tuple[int, bool]] = [(port, is_ssl)]
    else:
        sites = (site for site in _PORTS if params["use_ssl"] in (None, site[1]))
    server = f"[{params['server']}]" if ":" in params["server"] else params["server"]
    return [f"{'https' if is_ssl else 'http'}://{server}:{port}/" for port, is_ssl in sites]


def _open_base(params: t.Mapping[str, t.Any]) -> str:
    """The first address whose port is open; the first one if none is, so that the error speaks of it."""
    bases = _bases(params)
    for base in bases:
        try:
            port = int(base.rstrip("/").rpartition(":")[2])
            socket.create_connection((params["server"], port), timeout=min(5.0, params["timeout"])).close()
        except OSError:
            continue
        return base
    return bases[0]


def _plan(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    base = _bases(params)[0]
    return {
        "url": base,
        "reason": "Nothing is sent in check mode.",
        "next_step": "Run it without check mode.",
        "would_send": [
            f"GetConfig to {base}{CLIENT_PATH}",
            f"GetAuthorizationCookie to {base}{AUTHORIZATION_PATH}",
            f"GetCookie to {base}{CLIENT_PATH}",
            f"RegisterComputer to {base}{CLIENT_PATH}, if the server demands it",
            f"SyncUpdates to {base}{CLIENT_PATH}, at most {params['max_rounds']} times",
        ],
    }


def _probe(params: t.Mapping[str, t.Any], identity: Identity) -> dict[str, t.Any]:
    # A single proxy in the way would answer for every port.
    base = _bases(params)[0] if params["use_proxy"] else _open_base(params)
    options = Options(**{name: params[name] for name in Options.__dataclass_fields__})
    http = Http(base, options)
    client = Client(http.post, identity)
    seen = Walk()
    started = _now()
    fault: SoapFault | None = None
    try:
        client.open()
        limits = Limits(params["max_rounds"], params["max_seconds"], params["pause"])
        walk(client, params["office_2003_category"].lower(), limits, seen)
        outcome, reason = _verdict(seen)
    except SoapFault as exc:
        fault = exc
        outcome, reason = _fault_verdict(exc, client.method, seen)
    except TooMuchError as exc:
        outcome, reason = "inconclusive", f"{exc}."
    except UnreachableError as exc:
        outcome, reason = ("inconclusive" if seen.rounds else "unreachable"), f"{exc}."
    except (RefusedError, SoapError, StartOverError) as exc:
        outcome, reason = "refused", f"{client.method} was not answered as an update server does: {exc}."
    return {
        # The server lists the computer that asks, and that is all that is left behind.
        "changed": bool(client.methods) and outcome != "unreachable" and _left_a_computer(client),
        "outcome": outcome,
        "reason": reason,
        "next_step": _NEXT_STEPS[outcome],
        "url": base,
        "office_2003": seen.declared,
        "rounds": seen.rounds,
        "revisions": seen.revisions,
        "bytes": http.received,
        "method": client.method,
        "fault_code": fault.code if fault else None,
        "fault_id": fault.fault_id if fault else None,
        "registered": client.registered,
        "started_at": started,
        "finished_at": _now(),
    }


def _left_a_computer(client: Client) -> bool:
    """Whether the server knows the computer now: it lists whom it gave a cookie or registered ([MS-WUSP] 3.1.5.3)."""
    return client.registered or "GetCookie" in client.methods


def _verdict(seen: Walk) -> tuple[str, str]:
    if seen.ended:
        return "inconclusive", f"The walk ended before its end: {seen.ended}."
    if not seen.reached:
        return "inconclusive", (
            f"The server told of {seen.revisions} revisions in {seen.rounds} rounds, and the category Office 2003 was not "
            "among them: without it nothing can be said about clients that have it."
        )
    return (
        "healthy",
        f"A client with Office 2003 is answered to the end: {seen.revisions} revisions in {seen.rounds} rounds.",
    )


def _fault_verdict(fault: SoapFault, method: str | None, seen: Walk) -> tuple[str, str]:
    identified = f" with the id {fault.fault_id}" if fault.fault_id else " without an id"
    if method == "SyncUpdates" and fault.code == "InternalServerError":
        declared = "declared" if seen.declared else "not yet declared"
        return "blocked", (
            f"SyncUpdates ended in the fault InternalServerError{identified} in round {seen.rounds + 1}, "
            f"Office 2003 {declared}."
        )
    if fault.code == "ServerBusy":
        return "inconclusive", f"{method} ended in the fault ServerBusy{identified}: ask again later."
    return (
        "refused",
        f"{method} ended in the fault {fault.code}{identified}: {fault.message or 'nothing more was said'}.",
    )


def _now() -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    main()
