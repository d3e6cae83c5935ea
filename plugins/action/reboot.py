# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restarts a Windows host and proves by its boot time that it was down."""

from __future__ import annotations

import datetime
import re
import time
import typing as t

from ansible.errors import AnsibleActionFail

from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HOST_ARGUMENT_SPEC, HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.boot import Wait, ask_for_restart, boot_time
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError

# What cmd.exe and the C run-time would not pass on as it stands is refused; shutdown.exe of 2003 takes 127 characters.
_MESSAGE = re.compile(r'[^\x00-\x1f"%\\]{1,127}')

#: Below that the host may be gone before its answer has arrived.
_SHORTEST_DELAY = 2


class ActionModule(HostAction):
    """C(unblock.updates.reboot), documented in ``plugins/modules/reboot.py``."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        **HOST_ARGUMENT_SPEC,
        "msg": {"type": "str", "default": "Restart requested by Ansible"},
        "post_reboot_delay": {"type": "int", "default": 0},
        "pre_reboot_delay": {"type": "int", "default": 5},
        "reboot_timeout": {"type": "int", "default": 1800},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = self._checked(self.read_arguments(task_vars or {}))
        result |= {"changed": False, "rebooted": False, "elapsed": 0, "boot_time_before": None, "boot_time_after": None}
        started = time.monotonic()
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:
                before = boot_time(shell)
                result["boot_time_before"] = _written(before)
                if self._task.check_mode:
                    return {**result, "changed": True, "msg": "The host would be restarted."}
                ask_for_restart(shell, arguments["pre_reboot_delay"], arguments["msg"], arguments["timeout"])
                result["changed"] = True
            wait = Wait(
                shell.host, before, lambda: self._look(arguments["connect_timeout"]), arguments["reboot_timeout"]
            )
            after = wait.until_up()
        except HostError as exc:
            return {**result, **self.error_result(exc), "elapsed": int(time.monotonic() - started)}
        time.sleep(arguments["post_reboot_delay"])
        return {
            **result,
            "rebooted": True,
            "elapsed": int(time.monotonic() - started),
            "boot_time_after": _written(after),
        }

    def _look(self, connect_timeout: float) -> datetime.datetime:
        """The boot time over a new connection, in a new shell: what the tasks behind this one will need."""
        with self.open_shell(connect_timeout) as shell:
            return boot_time(shell)

    @staticmethod
    def _checked(arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        for name, least in (("pre_reboot_delay", _SHORTEST_DELAY), ("post_reboot_delay", 0), ("reboot_timeout", 1)):
            if arguments[name] < least:
                raise AnsibleActionFail(f"{name} must be at least {least} seconds, not {arguments[name]}")
        if not _MESSAGE.fullmatch(arguments["msg"]):
            raise AnsibleActionFail(
                "msg must have 1 to 127 characters, without line breaks, quotation marks, percent signs and backslashes"
            )
        return arguments


def _written(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
