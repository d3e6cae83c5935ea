# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says layer by layer what works between the controller and a Windows host."""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.layers import diagnose


class ActionModule(HostAction):
    """C(unblock.updates.winrm_info), documented in ``plugins/modules/winrm_info.py``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = self.read_arguments(task_vars or {})
        diagnosis = diagnose(
            self.winrm_connection(), arguments["connect_timeout"], arguments["timeout"], arguments["legacy_tls"]
        )
        return {
            **result,
            "changed": False,
            "layers": [finding.as_dict() for finding in diagnosis.findings],
            "reachable": diagnosis.reachable,
            "ready": diagnosis.ready,
            "connection_warnings": list(diagnosis.warnings),
            "msg": str(diagnosis.failure or "Every layer works."),
        }
