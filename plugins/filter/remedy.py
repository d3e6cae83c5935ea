# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that says what became of an action."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy, remedy


def remedy_of(verdict: t.Mapping[str, t.Any], result: t.Mapping[str, t.Any] | None = None, skipped: str = "") -> Remedy:
    """C(unblock.updates.remedy), documented in ``remedy.yml``."""
    try:
        advisory, action, next_step = verdict["advisory"], verdict["action"], verdict["next_step"]
        if skipped:
            return remedy(advisory, action, "", "skipped", f"{skipped.rstrip('.')}.", next_step)
        if result is None:
            raise AnsibleFilterError("remedy needs result or skipped")
        if result.get("remedy"):
            return t.cast(Remedy, result["remedy"])
        # The module failed before it came to the change, or lost the host in it.
        error = result.get("error") or {}
        message = error.get("message") or result.get("msg") or "nothing is known of it"
        return remedy(advisory, action, "", "failed", str(message), error.get("next_step") or next_step)
    except (KeyError, TypeError, AttributeError) as exc:
        raise AnsibleFilterError(f"remedy needs a verdict of unblock.updates.assess: {exc!r}") from exc


class FilterModule:
    """The filter C(remedy)."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filters of this file by name."""
        return {"remedy": remedy_of}
