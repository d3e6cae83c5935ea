# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks every combination of what can be known about a host and of what can stay unknown.

The tables of the design, written down a second time as plain code, say what each combination must give.
"""

from __future__ import annotations

import functools
import itertools
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import holds
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Row
from tests.unit.rules.support import nest, rule

Facts = dict[str, t.Any]
Key = tuple[t.Any, ...]
Verdict = tuple[str, str]

NOT_APPLICABLE = ("not_applicable", "none")
COMPLIANT = ("compliant", "none")
INVESTIGATE = ("unknown", "investigate")
CONTRADICTED = ("non_compliant", "investigate")
RESTART = ("fixed_pending_reboot", "none")

#: What the client web service's file can show: (exists, version, release that it was built for, whether it is replaced
#: when the server restarts).
FILES = [
    (None, None, None, None),
    (False, None, None, False),
    (True, None, None, True),
    (True, "3.0.6000.374", "3.0", True),
    (True, "3.1.6001.65", "3.0 SP1", True),
    (True, "3.1.6001.65", "3.0 SP1", False),
    (True, "3.1.6001.65", "3.0 SP1", None),
    (True, "3.1.6001.66", "3.0 SP1", True),
    (True, "3.1.6001.66", "3.0 SP1", None),
    (True, "3.1.7600.226", "3.0 SP2", False),
    (True, "3.1.6005.1", None, False),
    (True, "6.3.9600.16384", "4.0+", False),
]
SWITCH = [True, False, None]
DOMAINS: dict[str, dict[str, list[t.Any]]] = {
    "954960": {
        "journal.present": SWITCH,
        "probe.wow64": [True, False],
        "operator.office_2003": SWITCH,
        "wsus.installed": SWITCH,
        "wsus.console_only": SWITCH,
        "wsus.release": ["2.0", "2.0 SP1", "3.0", "3.0 SP1", "3.0 SP2", "4.0+", None],
        "file": FILES,
        "record.action": ["none", "apply_rtm_workaround", None],
        "symptom.after_fix": SWITCH,
        "operator.rtm_strategy": ["workaround", "upgrade"],
    },
    "954474": {
        "probe.wow64": [True, False],
        "configmgr.installed": SWITCH,
        "configmgr.release": ["2007", "2007 SP1", "2007 SP2", "2012+", None],
        "configmgr.legacy_catalog_tool": SWITCH,
        "configmgr.sms2003_clients": [0, 1, 1000, None],
        "configmgr.hotfixes": [[], ["KB954474"], None],
        "symptom.after_fix": SWITCH,
    },
}


def by_design_954960(facts: Facts) -> Verdict:
    if facts["journal.present"]:
        return ("error", "apply_rtm_workaround")
    if facts["probe.wow64"] or facts["journal.present"] is None:
        return INVESTIGATE
    if facts["operator.office_2003"] is False or facts["wsus.installed"] is False:
        return NOT_APPLICABLE
    if facts["wsus.installed"] is None or facts["wsus.console_only"] is None:
        return INVESTIGATE
    if facts["wsus.console_only"]:
        return NOT_APPLICABLE
    release, built_for = facts["wsus.release"], facts["wsus.client_dll.build_release"]
    if release in ("2.0", "2.0 SP1", "4.0+"):
        return INVESTIGATE if str(built_for).startswith("3.0") else NOT_APPLICABLE
    if release is None or built_for != release:
        return INVESTIGATE
    if release == "3.0 SP2":
        return NOT_APPLICABLE
    if release == "3.0 SP1" and facts["wsus.client_dll.version"] == "3.1.6001.66":
        return CONTRADICTED if facts["symptom.after_fix"] else COMPLIANT
    if release == "3.0 SP1":
        return RESTART if facts["wsus.client_dll.replacement_pending"] else ("non_compliant", "apply_kb954960")
    if facts["record.action"] is None:
        return INVESTIGATE
    if facts["record.action"] == "apply_rtm_workaround":
        return {True: CONTRADICTED, False: COMPLIANT, None: INVESTIGATE}[facts["symptom.after_fix"]]
    is_upgrade = facts["operator.rtm_strategy"] == "upgrade"
    return ("non_compliant", "upgrade_wsus" if is_upgrade else "apply_rtm_workaround")


def by_design_954474(facts: Facts) -> Verdict:
    if facts["probe.wow64"]:
        return INVESTIGATE
    if facts["configmgr.installed"] is False:
        return NOT_APPLICABLE
    if facts["configmgr.installed"] is None or facts["configmgr.release"] is None:
        return INVESTIGATE
    if facts["configmgr.release"] in ("2007 SP2", "2012+"):
        return NOT_APPLICABLE
    if facts["configmgr.legacy_catalog_tool"] is False or facts["configmgr.sms2003_clients"] == 0:
        return NOT_APPLICABLE
    if facts["configmgr.hotfixes"] is None:
        return INVESTIGATE
    if "KB954474" in facts["configmgr.hotfixes"]:
        return CONTRADICTED if facts["symptom.after_fix"] else COMPLIANT
    return ("non_compliant", "apply_kb954474")


DESIGN = {"954960": by_design_954960, "954474": by_design_954474}


def flat(names: t.Sequence[str], key: Key) -> Facts:
    facts = dict(zip(names, key, strict=True))
    if "file" in facts:
        exists, version, built_for, pending = facts.pop("file")
        facts["wsus.client_dll.exists"] = exists
        facts["wsus.client_dll.version"] = version
        facts["wsus.client_dll.build_release"] = built_for
        facts["wsus.client_dll.replacement_pending"] = pending
    return facts


@functools.cache
def walk(rule_id: str) -> dict[Key, Row]:
    """The row for each combination, by the combination's values in the order of the domains."""
    domains = {name: [_freeze(value) for value in values] for name, values in DOMAINS[rule_id].items()}
    rows = rule(rule_id).decision
    return {
        key: next(row for row in rows if all(holds(condition, facts) for condition in row.when))
        for key in itertools.product(*domains.values())
        for facts in [nest(flat(list(domains), key))]
    }


def _freeze(value: t.Any) -> t.Any:
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("rule_id", DOMAINS)
def test_every_combination_gets_what_the_design_says(rule_id: str) -> None:
    names = list(DOMAINS[rule_id])
    wrong = [
        (facts, row.id, wanted)
        for key, row in walk(rule_id).items()
        for facts in [flat(names, key)]
        for wanted in [DESIGN[rule_id](facts)]
        if (row.status, row.action) != wanted
    ]
    assert not wrong, wrong[:3]


@pytest.mark.parametrize("rule_id", DOMAINS)
def test_every_row_is_reached(rule_id: str) -> None:
    reached = {row.id for row in walk(rule_id).values()}
    assert reached == {row.id for row in rule(rule_id).decision}


def decides(rule_id: str, fact: str, facts: Facts) -> bool:
    """Whether a good verdict rests on a fact; the design names the few that it does not rest on."""
    if fact == "operator.office_2003":
        return False  # unknown is: nobody said
    if rule_id == "954474":
        # With the update in place, whom it serves decides nothing; its version is the proof, the log only contradicts.
        is_fixed = "KB954474" in (facts["configmgr.hotfixes"] or ())
        is_side_matter = fact in ("configmgr.legacy_catalog_tool", "configmgr.sms2003_clients", "symptom.after_fix")
        return not (is_fixed and is_side_matter)
    if fact == "file":
        return facts["wsus.release"] not in ("2.0", "2.0 SP1", "4.0+")  # these do not need the file
    return not (fact == "symptom.after_fix" and facts["wsus.release"] == "3.0 SP1")  # its version is the proof


@pytest.mark.parametrize("rule_id", DOMAINS)
def test_no_good_verdict_rests_on_an_unreadable_fact(rule_id: str) -> None:
    """Whatever an unknown fact may turn out to be, a compliant or not applicable host stays one of the two."""
    names, rows = list(DOMAINS[rule_id]), walk(rule_id)
    good = ("compliant", "not_applicable")
    broken = []
    for key, row in rows.items():
        if row.status not in good:
            continue
        facts = flat(names, key)
        for index, (name, value) in enumerate(zip(names, key, strict=True)):
            is_unknown = value is None or (name == "file" and value[0] is None)
            if not is_unknown or not decides(rule_id, name, facts):
                continue
            for other in map(_freeze, DOMAINS[rule_id][name]):
                turned = rows[(*key[:index], other, *key[index + 1 :])]
                if turned.status not in good:
                    broken.append((facts, row.id, name, other, turned.id))
    assert not broken, broken[:3]


@pytest.mark.parametrize("rule_id", DOMAINS)
def test_a_host_of_which_nothing_is_known_is_unknown(rule_id: str) -> None:
    row = next(row for row in rule(rule_id).decision if all(holds(condition, {}) for condition in row.when))
    assert row.status == "unknown"
