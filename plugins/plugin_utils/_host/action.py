# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every action plugin that reaches a Windows host has in common.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import contextlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.validation import check_type_bool
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell, WinrmConnection
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.rehearsal import rehearse
from ansible_collections.unblock.updates.plugins.plugin_utils._host.target import Target
from ansible_collections.unblock.updates.plugins.plugin_utils._variables import misspelt, read_number, reader

#: Options of the doc fragment ``_host``.
HOST_ARGUMENT_SPEC: dict[str, t.Any] = {
    "connect_timeout": {"type": "float"},
    "legacy_tls": {"type": "bool"},
    "timeout": {"type": "float"},
}

_CONNECTIONS = ("winrm", "ansible.builtin.winrm")
_DEFAULT_CONNECT_TIMEOUT = 5.0
_DEFAULT_TIMEOUT = 120.0
_LONGEST_TIMEOUT = 86400

display = Display()

# Ansible imports this file before it forks its workers. What cannot be rehearsed is said when a host is asked.
with contextlib.suppress(Exception):
    rehearse([{"id": "rehearsal", "op": "reg_value", "key": "HKLM\\SOFTWARE", "value": "None"}])

Variables = t.Mapping[str, t.Any]


class HostAction(ActionBase):
    """An action that runs in the controller's worker, over the task's own C(winrm) connection."""

    TRANSFERS_FILES = False
    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = HOST_ARGUMENT_SPEC
    ARGUMENT_RULES: t.ClassVar[dict[str, t.Any]] = {}
    _legacy_tls = False

    def read_arguments(self, task_vars: Variables) -> dict[str, t.Any]:
        """The task's arguments, checked; those of the connection fall back on variables, then on defaults.

        Warns of variables whose names are nearly those of ours.

        Raises:
            AnsibleActionFail: for arguments that do not fit the specification.
        """
        dummy, arguments = self.validate_argument_spec(argument_spec=self.ARGUMENT_SPEC, **self.ARGUMENT_RULES)
        for warning in misspelt(task_vars):
            display.warning(warning)
        for name, variable, default in (
            ("connect_timeout", "unblock_connect_timeout", _DEFAULT_CONNECT_TIMEOUT),
            ("timeout", "unblock_timeout", _DEFAULT_TIMEOUT),
        ):
            if arguments[name] is None:
                given = self.variables(task_vars)(variable)
                arguments[name] = read_number(variable, default if given in (None, "") else given, "seconds")
            if not 0 < arguments[name] <= _LONGEST_TIMEOUT:
                raise AnsibleActionFail(
                    f"{name} must be above 0 and at most {_LONGEST_TIMEOUT} seconds, not {arguments[name]}"
                )
        if arguments["legacy_tls"] is None:
            arguments["legacy_tls"] = self._boolean(
                "unblock_legacy_tls", self.variables(task_vars)("unblock_legacy_tls")
            )
        self._legacy_tls = arguments["legacy_tls"]
        return t.cast("dict[str, t.Any]", arguments)

    def variables(self, task_vars: Variables) -> t.Callable[[str], t.Any]:
        """Gives playbook-wide variables by name, templated; None for one that is not set."""
        return reader(self._templar, task_vars)

    def winrm_connection(self) -> WinrmConnection:
        """The connection of the task.

        Raises:
            AnsibleActionFail: if the task does not speak to its own host over C(winrm).
        """
        if self._task.delegate_to:
            raise AnsibleActionFail(
                f"{self._task.action} speaks to the host of the task: remove delegate_to. "
                "To pass a jump host, use ansible_winrm_proxy, a port forward or an execution node there."
            )
        if self._connection.transport not in _CONNECTIONS:
            raise AnsibleActionFail(
                f"{self._task.action} needs the winrm connection, this task has {self._connection.transport}: "
                "set ansible_connection: winrm for the host."
            )
        return t.cast(WinrmConnection, self._connection)

    @contextlib.contextmanager
    def open_shell(self, connect_timeout: float) -> t.Iterator[Shell]:
        """The shell on the task's host, closed afterwards.

        Raises:
            AnsibleActionFail: if the task does not speak to its own host over C(winrm).
            HostError: if the host cannot be reached.
        """
        shell = Shell.open(self.winrm_connection(), connect_timeout, self._legacy_tls)
        try:
            yield shell
        finally:
            shell.close()

    @staticmethod
    def error_result(error: HostError) -> dict[str, t.Any]:
        """The result of a task whose host could not be reached or read."""
        return {("unreachable" if error.unreachable else "failed"): True, "msg": str(error), "error": error.as_dict()}

    def connection_warnings(self) -> list[str]:
        """A sentence for each weakness of the way to the host that the operator chose.

        Raises:
            AnsibleActionFail: if the task does not speak to its own host over C(winrm).
        """
        return Target.of(self.winrm_connection(), self._legacy_tls).weaknesses

    @staticmethod
    def _boolean(name: str, value: t.Any) -> bool:
        try:
            return value is not None and bool(check_type_bool(value))
        except TypeError as exc:
            raise AnsibleActionFail(f"{name} must be true or false, not {value!r}") from exc
