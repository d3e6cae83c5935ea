# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts after changes: what was done to the host, and whether it helped.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REMEDIES, check

#: Verdicts that a change can lead to. A server that was upgraded beyond the affected releases is not applicable.
_CURED = frozenset({"compliant", "not_applicable"})

#: As host_result.schema.json bounds a verdict's reason, what a remedy says, and its log.
_MOST_CHARACTERS = 4000
_MOST_WORDS = 2000
_MOST_LOG = 20000


class RemedyError(Exception):
    """The remedies cannot be used; the text names the entry and what is wrong with it."""


def read_remedies(value: t.Any, advisories: t.Container[str]) -> list[Remedy]:
    """Remedies from what a task was given.

    Args:
        value: a list of what the changing actions returned as C(remedy), in the order in which they were made.
        advisories: ids of the rules that judge.

    Raises:
        RemedyError: for the first entry that is wrong.
    """
    remedies = [_bounded(entry) for entry in value] if isinstance(value, list) else value
    try:
        check(remedies, REMEDIES)
    except ReportError as exc:
        raise RemedyError(f"remedies: {exc}") from exc
    for index, remedy in enumerate(remedies):
        if remedy["advisory"] not in advisories:
            raise RemedyError(f"remedies: $[{index}].advisory: no rule is called '{remedy['advisory']}'")
    return t.cast("list[Remedy]", remedies)


def apply_remedies(assessment: Assessment, remedies: t.Iterable[Remedy]) -> Assessment:
    """A verdict as the changes leave it.

    Args:
        assessment: the verdict of a rule after the changes; it is not altered.
        remedies: all changes to the host, in the order in which they were made.

    Returns:
        The same verdict with the change that decides in C(remedy) (the last one that did or wanted something) and those
        before it in C(earlier_remedies); the status says what became of it.
    """
    own = [remedy for remedy in remedies if remedy["advisory"] == assessment["advisory"]]
    if not own:
        return assessment
    remedy = next((remedy for remedy in reversed(own) if remedy["outcome"] != "unchanged"), own[-1])
    earlier = own[: own.index(remedy)]
    kept: Assessment = {**assessment, "remedy": remedy}
    if earlier:
        kept["earlier_remedies"] = earlier
    return _OUTCOMES[remedy["outcome"]](kept, remedy)


def _bounded(entry: t.Any) -> t.Any:
    """What was done must not get lost because too much is said of it: texts keep their beginning, a log its end."""
    if not isinstance(entry, dict):
        return entry
    cut: dict[str, t.Any] = {
        name: entry[name][:_MOST_WORDS] for name in ("message", "next_step") if isinstance(entry.get(name), str)
    }
    if isinstance(entry.get("log_tail"), str):
        cut["log_tail"] = entry["log_tail"][-_MOST_LOG:]
    return {**entry, **cut}


def _changed(verdict: Assessment, remedy: Remedy) -> Assessment:
    if verdict["status"] in _CURED:
        # A release that is not affected has no verification of its own, but somebody took the server there.
        word = "pending" if verdict["verification"] == "not_attempted" else verdict["verification"]
        return {**verdict, "status": "fixed", "verification": word}
    # In these the change is in place: a symptom came again, a restart is left, or nobody can see yet whether it helped.
    if verdict["verification"] != "not_attempted":
        return verdict
    words = f"{remedy['action']} was carried out, but afterwards: {verdict['reason']}"
    return {**verdict, "status": "fix_failed", "reason": words[:_MOST_CHARACTERS]}


def _reboot_required(verdict: Assessment, remedy: Remedy) -> Assessment:
    if verdict["verification"] == "contradicted":
        return verdict
    return {
        **verdict,
        "status": "fixed_pending_reboot",
        "action": "none",
        "reason": remedy["message"],
        "next_step": remedy["next_step"],
        "verification": "pending",
    }


def _failed(verdict: Assessment, remedy: Remedy) -> Assessment:
    return {**verdict, "status": "fix_failed", "reason": remedy["message"], "next_step": remedy["next_step"]}


def _would_change(verdict: Assessment, remedy: Remedy) -> Assessment:
    return {**verdict, "status": "would_fix"}


def _left_alone(verdict: Assessment, remedy: Remedy) -> Assessment:
    """Nothing was done: a good verdict speaks for itself, any other one needs the reason."""
    if verdict["status"] in _CURED:
        return verdict
    reason = f"{verdict['reason']} Not treated: {remedy['message']}"[:_MOST_CHARACTERS]
    # Whoever left it alone knows what must be done first.
    next_step = remedy["next_step"] if remedy["outcome"] == "skipped" else verdict["next_step"]
    return {**verdict, "reason": reason, "next_step": next_step}


_OUTCOMES: dict[str, t.Callable[[Assessment, Remedy], Assessment]] = {
    "changed": _changed,
    "reboot_required": _reboot_required,
    "failed": _failed,
    "would_change": _would_change,
    "skipped": _left_alone,
    "unchanged": _left_alone,
}
