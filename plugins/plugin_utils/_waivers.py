# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: verdicts that somebody answers for until a day, instead of having the host treated.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import fnmatch
import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, ExpiredWaiver
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import SchemaError, Validator

#: Nobody can answer for a host that could not be judged because of an error, and nothing else needs an answer.
WAIVABLE = frozenset({"non_compliant", "unknown"})

_SCHEMA = Validator(pathlib.Path(__file__).resolve().parents[1] / "schemas" / "waivers.schema.json")


class WaiverError(Exception):
    """The waivers cannot be used; the text names the entry and what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class Waiver:
    """One entry.

    Attributes:
        host: C(inventory_hostname), or a pattern of C(fnmatch) for it; case counts.
        advisory: id of the rule.
        reason: why, one line.
        owner: who answers for it, one line.
        expires: the last day on which it counts, UTC.
    """

    host: str
    advisory: str
    reason: str
    owner: str
    expires: datetime.date

    def covers(self, host: str, advisory: str) -> bool:
        """Whether it speaks of this verdict, expired or not."""
        return self.advisory == advisory and fnmatch.fnmatchcase(host, self.host)


def read_waivers(value: t.Any, name: str = "unblock_waivers") -> tuple[Waiver, ...]:
    """Waivers from what stands in a variable.

    Args:
        value: a list of mappings as ``waivers.schema.json`` has them. Without quotation marks, YAML makes a number of
            an advisory and a date of a date; they are taken for what they look like.
        name: what the variable is called.

    Raises:
        WaiverError: for the first entry that is wrong.
    """
    entries = [_plain(entry) for entry in value] if isinstance(value, list) else value
    try:
        _SCHEMA.check(entries, name)
    except SchemaError as exc:
        raise WaiverError(str(exc)) from exc
    return tuple(Waiver(**{**entry, "expires": datetime.date.fromisoformat(entry["expires"])}) for entry in entries)


def apply_waivers(assessment: Assessment, waivers: t.Iterable[Waiver], host: str, today: datetime.date) -> Assessment:
    """A verdict as the waivers leave it.

    Args:
        assessment: the verdict of a rule; it is not altered.
        waivers: all there are. The first one that covers the verdict and has not expired counts.
        host: C(inventory_hostname).
        today: the controller's day in UTC.

    Returns:
        The same verdict, with C(expired_waivers) if there are any; or status C(waived) and action C(none), with the
        replaced ones in C(waiver).
    """
    covering = [waiver for waiver in waivers if waiver.covers(host, assessment["advisory"])]
    expired = [_expired(waiver) for waiver in covering if waiver.expires < today]
    result: Assessment = {**assessment, "expired_waivers": expired} if expired else assessment
    waiver = next((waiver for waiver in covering if waiver.expires >= today), None)
    return result if waiver is None or result["status"] not in WAIVABLE else _waived(result, waiver)


def _waived(assessment: Assessment, waiver: Waiver) -> Assessment:
    until = waiver.expires.isoformat()
    return {
        **assessment,
        "status": "waived",
        "action": "none",
        "reason": f"Waived until {until} by {waiver.owner} ({waiver.reason}), "
        f"otherwise {assessment['status']}: {assessment['reason']}",
        "next_step": f"Nothing until {until}. Without the waiver: {assessment['next_step']}",
        "waiver": {
            "reason": waiver.reason,
            "owner": waiver.owner,
            "expires": until,
            "would_be": assessment["status"],
            "would_do": assessment["action"],
        },
    }


def _expired(waiver: Waiver) -> ExpiredWaiver:
    return {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()}


def _plain(entry: t.Any) -> t.Any:
    return {key: _text(key, value) for key, value in entry.items()} if isinstance(entry, dict) else entry


def _text(key: str, value: t.Any) -> t.Any:
    if isinstance(value, str) or (key == "advisory" and isinstance(value, int)):
        return " ".join(str(value).split())
    return value.isoformat() if isinstance(value, datetime.date) else value
