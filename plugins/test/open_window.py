# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test for maintenance windows."""

from __future__ import annotations

import datetime
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.window import WindowError, read_windows


def open_window(value: t.Any, at: str | None = None) -> bool:
    """C(unblock.updates.open_window), documented in ``open_window.yml``."""
    try:
        windows = read_windows(value)
        now = datetime.datetime.now(datetime.timezone.utc) if at is None else _moment(at)
    except WindowError as exc:
        raise AnsibleFilterError(f"open_window: {exc}") from exc
    return not windows or any(window.is_open(now) for window in windows)


def _moment(at: str) -> datetime.datetime:
    """The moment of a text; Python 3.10 does not know Z."""
    try:
        moment = datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        raise WindowError(f"at must be a moment such as 2008-08-20T22:00:00+02:00, not {at!r}") from None
    if moment.tzinfo is None:
        raise WindowError(f"at must name its offset from UTC: {at!r}")
    return moment


class TestModule:
    """The test C(open_window)."""

    def tests(self) -> dict[str, t.Callable[..., bool]]:
        """The tests of this file by name."""
        return {"open_window": open_window}
