# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the probe as a script that an administrator runs on a host without WinRM."""

from __future__ import annotations

import hashlib
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.unblock.updates.plugins.plugin_utils._collected import SCRIPT_NAME, fingerprint, script
from ansible_collections.unblock.updates.plugins.plugin_utils._files import read_bounded
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import operator_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._report.atomic import write_atomic
from ansible_collections.unblock.updates.plugins.plugin_utils._variables import reader


class ActionModule(ActionBase):
    """C(unblock.updates.export_probe), documented in ``plugins/modules/export_probe.py``."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "dest": {"type": "path", "required": True},
        "rule_dirs": {"type": "list", "elements": "path"},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Writes the script unless the same bytes are there already."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        dummy, arguments = self.validate_argument_spec(self.ARGUMENT_SPEC)
        rules = operator_rules(arguments["rule_dirs"], reader(self._templar, task_vars or {}))
        reads = reads_for(rules)
        dest = pathlib.Path(arguments["dest"]).absolute()
        if dest.is_dir():
            dest /= SCRIPT_NAME
        try:
            content = script(reads)
            changed = not _holds(dest, content)
            if changed and not self._task.check_mode:
                write_atomic(dest, [content])
        except (OSError, ValueError) as exc:
            raise AnsibleActionFail(f"The probe cannot be written to {dest}: {exc}") from exc
        return {
            **result,
            "changed": changed,
            "dest": str(dest),
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "fingerprint": fingerprint(reads),
            "rules": rules.identities(),
        }


def _holds(path: pathlib.Path, content: bytes) -> bool:
    if path.exists() and not path.is_file():
        raise AnsibleActionFail(f"{path} is no regular file.")
    try:
        return read_bounded(path, len(content)) == content
    except OSError:
        return False
