# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the probe answered, read by read, with unreadable kept apart from absent.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc

#: Longer texts are no value that a fact is made of.
_LONGEST_TEXT = 1024


class Readings:
    """A checked answer of the probe.

    A 32-bit script host on 64-bit Windows is shown other keys and folders than those it asks for. Nothing that such a
    probe says about the host is believed: every read counts as hidden.
    """

    def __init__(self, answer: t.Mapping[str, t.Any]) -> None:
        """Args:
        answer: C(probe) and C(reads) of the exchange, after its schema was checked.
        """
        self.probe: t.Mapping[str, t.Any] = answer["probe"]
        self.wow64 = self.probe.get("wow64") is not False
        self._reads: t.Mapping[str, t.Mapping[str, t.Any]] = answer["reads"]

    @property
    def now(self) -> datetime.datetime | None:
        """The host's own clock, UTC: the one that its logs and files were dated by."""
        return parse_utc(self.probe.get("time"))

    def read(self, read_id: str) -> t.Mapping[str, t.Any]:
        """One read's answer; C(state) is C(hidden) for a 32-bit probe and C(skipped) for a read that was not made."""
        if self.wow64:
            return {"state": "hidden"}
        return self._reads.get(read_id, {"state": "skipped"})

    def state(self, read_id: str) -> str:
        """C(ok), C(absent), or one of the states of a read that failed."""
        return str(self.read(read_id).get("state"))

    def is_absent(self, *read_ids: str) -> bool:
        """Whether all of these are known not to be there."""
        return all(self.state(read_id) == "absent" for read_id in read_ids)

    def is_known(self, *read_ids: str) -> bool:
        """Whether each of these was read, or is known not to be there."""
        return all(self.state(read_id) in ("ok", "absent") for read_id in read_ids)

    def text(self, read_id: str) -> str | None:
        """The data of a read if it is a short text, without blanks around it."""
        data = self._data(read_id)
        return data.strip() if isinstance(data, str) and len(data) <= _LONGEST_TEXT else None

    def number(self, read_id: str) -> int | None:
        """The data of a read if it is a whole number."""
        data = self._data(read_id)
        return data if isinstance(data, int) and not isinstance(data, bool) else None

    def texts(self, read_id: str) -> list[str] | None:
        """The data of a read if it is a list of texts, as of a value of the type REG_MULTI_SZ."""
        data = self._data(read_id)
        is_list = isinstance(data, list) and all(isinstance(item, str) for item in data)
        return t.cast("list[str]", data) if is_list else None

    def tree(self, read_id: str) -> str | None:
        """What C(reg query) printed of a key, empty for a key that is not there; None if some of it is missing."""
        answer = self.read(read_id)
        if answer.get("state") == "absent":
            return ""
        return str(answer.get("text", "")) if answer.get("state") == "ok" and not answer.get("truncated") else None

    def _data(self, read_id: str) -> t.Any:
        answer = self.read(read_id)
        return answer.get("data") if answer.get("state") == "ok" else None
