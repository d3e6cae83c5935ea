# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables that operators set: their names, what a misspelt one should have been, and their values.

PRIVATE to the collection: may change without notice.

Ansible takes any variable. A misspelt C(unblock_waivers) would waive nothing, and nobody would hear of it.
"""

from __future__ import annotations

import difflib
import functools
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.template import Templar

#: All that the guide of variables names: those that a task on a host may read.
KNOWN = frozenset(
    {
        "remediate_accept_irreversible",
        "remediate_advisories",
        "remediate_approve_as",
        "remediate_as_system",
        "remediate_canary",
        "remediate_check_uses_helper",
        "remediate_detect_now",
        "remediate_install_timeout",
        "remediate_managed_wsus",
        "remediate_post_tasks_file",
        "remediate_pre_tasks_file",
        "remediate_reboot",
        "remediate_reboot_timeout",
        "remediate_rtm_strategy",
        "remediate_skip_reason",
        "remediate_update_id",
        "remediate_update_title",
        "remediate_window",
        "unblock_active_probe",
        "unblock_active_probe_ca_path",
        "unblock_active_probe_delegate",
        "unblock_active_probe_server",
        "unblock_allow_unreachable",
        "unblock_clients",
        "unblock_collected",
        "unblock_connect_timeout",
        "unblock_fail_on",
        "unblock_hosts",
        "unblock_legacy_tls",
        "unblock_max_fail_percentage",
        "unblock_merge",
        "unblock_office_2003",
        "unblock_packages",
        "unblock_report_dir",
        "unblock_rule_dirs",
        "unblock_serial",
        "unblock_symptom_days",
        "unblock_timeout",
        "unblock_waivers",
        "unblock_wsus_replica",
        "unblock_wsus_upstream",
    }
)

#: What begins like one of ours, also where the prefix itself is misspelt.
_OURS = ("unbl", "unbol", "remed")

#: How near a name must be to a known one, from 0 to 1. The collection's own names for other things are farther off.
_NEAR = 0.9


def reader(templar: Templar, variables: t.Mapping[str, t.Any]) -> t.Callable[[str], t.Any]:
    """Gives variables by name, templated; None for one that is not set.

    Args:
        templar: of the task.
        variables: of the task.
    """
    return lambda name: templar.template(variables[name]) if name in variables else None


def read_number(name: str, value: t.Any, unit: str) -> float:
    """The value of a variable that holds a number.

    Args:
        name: of the variable.
        value: a number, or a text that is one.
        unit: what it counts.

    Raises:
        AnsibleActionFail: for anything else; the text names the variable and the unit.
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise AnsibleActionFail(f"{name} must be a number of {unit}, not {value!r}") from None


def misspelt(names: t.Iterable[str]) -> list[str]:
    """A sentence for each name that is none of ours, but nearly is.

    Args:
        names: of all variables of a host.
    """
    found = (_misspelt(name) for name in names if str(name).startswith(_OURS) and name not in KNOWN)
    return [sentence for sentence in found if sentence]


@functools.lru_cache(maxsize=1024)  # the same names come with every host
def _misspelt(name: str) -> str | None:
    near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=_NEAR)
    return f"Nothing reads the variable {name}; did you mean {near[0]}?" if near else None
