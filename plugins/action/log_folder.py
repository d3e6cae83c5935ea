# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches a folder of collected logs on the controller, for a report on the hosts that they came from."""

from __future__ import annotations

import functools
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import all_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.folder import Log, search_folder
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context
from ansible_collections.unblock.updates.plugins.plugin_utils._logs_only import client_of, is_client, server_of
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import operator_moment, operator_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line
from ansible_collections.unblock.updates.plugins.plugin_utils._results import keep_result
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._variables import reader

display = Display()

_MOST_WARNINGS = 20


class ActionModule(ActionBase):
    """C(unblock.updates.log_folder), documented in ``plugins/modules/log_folder.py``."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "path": {"type": "path", "required": True},
        "level": {"type": "int", "default": 1},
        "since": {"type": "str"},
        "report_dir": {"type": "path"},
        "run_id": {"type": "str", "required": True},
        "rule_dirs": {"type": "list", "elements": "path"},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Writes a result for each host and client, as assess does for those that it reaches."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        dummy, arguments = self.validate_argument_spec(self.ARGUMENT_SPEC)
        if arguments["level"] < 1:
            raise AnsibleActionFail(f"level must be 1 or more, not {arguments['level']}")
        since = operator_moment("since", arguments["since"])
        rules = operator_rules(arguments["rule_dirs"], reader(self._templar, task_vars or {}))
        path = pathlib.Path(arguments["path"])
        try:
            logs = list(search_folder(path, all_signatures(rules), Context(since=since), arguments["level"]))
        except OSError as exc:
            raise AnsibleActionFail(f"{path} on the controller cannot be read: {exc.strerror or exc}") from None
        hosts: dict[str, list[Log]] = {}
        for log in sorted(logs, key=lambda log: log.host):
            hosts.setdefault(log.host, []).append(log)
        clients = [name for name in hosts if is_client(hosts[name])]
        self._keep(arguments, rules, hosts, clients)
        refused = [log for log in logs if log.problem]
        for log in refused[:_MOST_WARNINGS]:
            display.warning(one_line(f"{log.name} was not searched: {log.problem}"))
        return {
            **result,
            "changed": False,
            "path": str(path),
            "hosts": [name for name in hosts if name not in clients],
            "clients": clients,
            "logs": [
                {"name": log.name, "host": log.host, "logs": sorted(log.kinds), **log.result.scanned()}
                for log in logs
                if log.result and log.kinds
            ],
            "refused": [{"name": log.name, "host": log.host, "reason": log.problem} for log in refused],
        }

    def _keep(
        self,
        arguments: t.Mapping[str, t.Any],
        rules: RuleSet,
        hosts: t.Mapping[str, list[Log]],
        clients: t.Collection[str],
    ) -> None:
        keep = functools.partial(
            keep_result,
            report_dir=arguments["report_dir"],
            run_id=arguments["run_id"],
            check_mode=bool(self._task.check_mode),
            rules=rules,
        )
        for name, logs in hosts.items():
            if name in clients:
                keep(CLIENT_FILES, {"client": client_of(name, logs)})
            else:
                host, events = server_of(name, logs, rules)
                keep(HOST_FILES, {"host": host, "events": events})
