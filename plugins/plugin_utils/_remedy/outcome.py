# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a change: the one shape that every action that alters a host returns as C(remedy).

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

Scalar = str | int | float | bool | None

#: What can become of a change. In check mode, C(would_change) stands where C(changed) would.
Outcome = t.Literal["changed", "would_change", "unchanged", "reboot_required", "failed", "skipped"]

_CHANGED = frozenset({"changed", "would_change", "reboot_required"})


class Problem(t.NamedTuple):
    """What keeps a change from being made: one sentence each, the first without a full stop."""

    message: str
    next_step: str


class Package(t.TypedDict):
    """The package that a change needs.

    C(sha256) is the operator's, C(size) in bytes, C(signed_at) in UTC; what is not known is None.
    """

    name: str
    sha256: str
    size: int | None
    signer: str | None
    signed_at: str | None
    architecture: str | None


class Remedy(t.TypedDict):
    """One change, or why there was none.

    Times are the host's own, in UTC (C(2008-08-20T10:00:00Z)). C(message) is one sentence, C(before) and C(after) hold
    the facts that the change is about, by dotted name. C(irreversible): nothing but removing the product undoes it.
    """

    advisory: str
    action: str
    outcome: Outcome
    message: str
    next_step: str
    started: str | None
    finished: str | None
    exit_code: int | None
    before: dict[str, Scalar]
    after: dict[str, Scalar]
    log_tail: str | None
    package: Package | None
    rule_version: str
    irreversible: bool


def remedy(
    advisory: str,
    action: str,
    rule_version: str,
    outcome: Outcome,
    message: str,
    next_step: str = "Nothing.",
    *,
    started: str | None = None,
    finished: str | None = None,
    exit_code: int | None = None,
    before: dict[str, Scalar] | None = None,
    after: dict[str, Scalar] | None = None,
    log_tail: str | None = None,
    package: Package | None = None,
    irreversible: bool = False,
) -> Remedy:
    """A remedy; what is not given is unknown, or did not happen."""
    return {
        "advisory": advisory,
        "action": action,
        "outcome": outcome,
        "message": message,
        "next_step": next_step,
        "started": started,
        "finished": finished,
        "exit_code": exit_code,
        "before": before or {},
        "after": after or {},
        "log_tail": log_tail,
        "package": package,
        "rule_version": rule_version,
        "irreversible": irreversible,
    }


def remedy_result(remedy: Remedy) -> dict[str, t.Any]:
    """The task's result for a remedy: C(changed), C(msg), C(remedy), and C(failed) if it failed."""
    result: dict[str, t.Any] = {
        "changed": remedy["outcome"] in _CHANGED,
        "msg": remedy["message"],
        "remedy": remedy,
    }
    if remedy["outcome"] == "failed":
        result["failed"] = True
        result["msg"] = f"{remedy['message']} {remedy['next_step']}"
    return result
