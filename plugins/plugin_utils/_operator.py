# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator says in playbook-wide variables, checked before it is believed.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_moment
from ansible_collections.unblock.updates.plugins.plugin_utils._variables import read_number
from ansible_collections.unblock.updates.plugins.plugin_utils._waivers import (
    Waiver,
    WaiverError,
    read_waivers,
)


def read_inventory(variable: t.Callable[[str], t.Any], host: str) -> Inventory:
    """The variables that facts and rules depend on.

    Args:
        variable: gives a variable by name, None if it is not set.
        host: C(inventory_hostname).

    Raises:
        AnsibleActionFail: for a value that the variable cannot have; the text names the variable.
    """
    days = variable("unblock_symptom_days")
    return _checked(
        host=host,
        office_2003=_switch(variable, "unblock_office_2003"),
        rtm_strategy=str(variable("remediate_rtm_strategy") or "workaround"),
        wsus_upstream=_text(variable, "unblock_wsus_upstream"),
        wsus_replica=_switch(variable, "unblock_wsus_replica"),
        symptom_days=Inventory.symptom_days if days is None else read_number("unblock_symptom_days", days, "days"),
    )


def operator_rules(rule_dirs: t.Sequence[str] | None, variable: t.Callable[[str], t.Any]) -> RuleSet:
    """The collection's rules and those in the operator's own folders.

    Args:
        rule_dirs: the task's option; None is C(unblock_rule_dirs).
        variable: gives a variable by name, None if it is not set.

    Raises:
        AnsibleActionFail: for a rule that cannot be used; the text names file, line and reason.
    """
    folders = rule_dirs if rule_dirs is not None else variable("unblock_rule_dirs") or []
    if not isinstance(folders, list):
        raise AnsibleActionFail(f"unblock_rule_dirs must be a list of folders, not {folders!r}")
    try:
        return load_rules([str(folder) for folder in folders])
    except RuleError as exc:
        raise AnsibleActionFail(str(exc)) from exc


def operator_waivers(variable: t.Callable[[str], t.Any]) -> tuple[Waiver, ...]:
    """The variable C(unblock_waivers).

    Raises:
        AnsibleActionFail: for an entry that cannot be used; the text names it.
    """
    try:
        return read_waivers(variable("unblock_waivers") or [])
    except WaiverError as exc:
        raise AnsibleActionFail(str(exc)) from exc


def operator_moment(option: str, text: str | None) -> datetime.datetime | None:
    """A moment that an option of the task names; None if it is left out.

    Raises:
        AnsibleActionFail: for a text that is no moment; the error names the option.
    """
    try:
        return parse_moment(text) if text else None
    except ValueError as exc:
        raise AnsibleActionFail(f"{option}: {exc}") from None


def _checked(**values: t.Any) -> Inventory:
    try:
        return Inventory(**values)
    except ValueError as exc:
        raise AnsibleActionFail(str(exc)) from exc


def _switch(variable: t.Callable[[str], t.Any], name: str) -> bool | None:
    value = variable(name)
    if value is None or value == "unknown":
        return None
    try:
        return t.cast(bool, boolean(value))
    except TypeError:
        raise AnsibleActionFail(f"{name} must be true, false or unknown, not {value!r}") from None


def _text(variable: t.Callable[[str], t.Any], name: str) -> str | None:
    value = variable(name)
    if value is not None and not isinstance(value, str):
        raise AnsibleActionFail(f"{name} must be a text, not {value!r}")
    return value
