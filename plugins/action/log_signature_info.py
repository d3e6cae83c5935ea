# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches one log for the faults of the advisories, on a Windows host or in a file on the controller."""

from __future__ import annotations

import contextlib
import datetime
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HOST_ARGUMENT_SPEC, HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import (
    all_signatures,
    compile_logs,
    log_read,
    search_read,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import (
    SKEW,
    Context,
    ScanResult,
    choose,
    scan_file,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import operator_moment, operator_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.clock import clock_skew
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import LOG_BYTES, LOG_SCAN_BYTES

Arguments = t.Mapping[str, t.Any]

_READ = "log"

# Ansible imports this file before it forks its workers: what is compiled here is compiled once for all hosts.
with contextlib.suppress(RuleError):
    compile_logs(load_rules())


class ActionModule(HostAction):
    """C(unblock.updates.log_signature_info), documented in ``plugins/modules/log_signature_info.py``."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        **HOST_ARGUMENT_SPEC,
        "path": {"type": "str", "required": True},
        "log": {"type": "str", "choices": ["client", "server", "site"]},
        "remote": {"type": "bool", "default": True},
        "since": {"type": "str"},
        "max_bytes": {"type": "int"},
        "rule_dirs": {"type": "list", "elements": "path"},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = self.read_arguments(task_vars)
        most = LOG_BYTES if arguments["remote"] else None
        _check_bytes(arguments["max_bytes"], most)
        since = operator_moment("since", arguments["since"])
        rules = operator_rules(arguments["rule_dirs"], self.variables(task_vars))
        signatures = choose(all_signatures(rules), arguments["log"], arguments["path"])
        if not arguments["remote"]:
            path = pathlib.Path(arguments["path"]).expanduser()
            found = _search_file(path, signatures, since, arguments["max_bytes"])
            return {**result, **_answer(found, signatures, str(path))}
        try:
            return {**result, **self._search_host(arguments, signatures, since)}
        except HostError as exc:
            return {**result, **self.error_result(exc)}

    def _search_host(
        self, arguments: Arguments, signatures: t.Sequence[Signature], since: datetime.datetime | None
    ) -> dict[str, t.Any]:
        asked = log_read(_READ, arguments["path"], signatures, arguments["max_bytes"] or LOG_BYTES)
        with self.open_shell(arguments["connect_timeout"]) as shell:
            readings = Readings(probe.ask(shell, [asked], arguments["timeout"]))
            difference = clock_skew(readings, datetime.datetime.now(datetime.timezone.utc))
        read = readings.read(_READ)
        if read["state"] != "ok":
            raise AnsibleActionFail(f"{arguments['path']} on {shell.host}: {_why_not(read)}")
        skew = SKEW + datetime.timedelta(seconds=abs(difference or 0))
        found = search_read(readings, read, signatures, since, skew)
        return _answer(found, signatures, read["path"])


def _check_bytes(given: int | None, most: int | None) -> None:
    if given is not None and (given < 1 or most is not None and given > most):
        raise AnsibleActionFail(f"max_bytes must be {f'from 1 to {most}' if most else 'above 0'}, not {given}")


def _search_file(
    path: pathlib.Path, signatures: t.Sequence[Signature], since: datetime.datetime | None, max_bytes: int | None
) -> ScanResult:
    try:
        return scan_file(path, signatures, Context(source=str(path), since=since), max_bytes)
    except OSError as exc:
        raise AnsibleActionFail(f"{path} on the controller cannot be read: {exc.strerror or exc}") from None


def _why_not(read: t.Mapping[str, t.Any]) -> str:
    """Why the probe did not search a log."""
    if read["state"] == "absent":
        return "there is no such file."
    if read["state"] == "too_large":
        return (
            f"it has {int(read['size'])} bytes, a host searches no more than {LOG_SCAN_BYTES}: "
            "copy it to the controller and search it there with remote=false."
        )
    if read["state"] == "hidden":
        return "the script host is a 32-bit program on 64-bit Windows and is shown other folders than those asked for."
    error = read.get("error", {})
    return f"{printable(str(error.get('message') or 'it could not be read'), 300)} (code {error.get('number')})."


def _answer(found: ScanResult, signatures: t.Sequence[Signature], path: str) -> dict[str, t.Any]:
    return {
        "changed": False,
        "path": path,
        "logs": sorted({signature.log for signature in signatures}),
        "events": [event.as_dict() for event in found.events],
        "healthy": [vars(work) for work in found.healthy if work.where],
        "scanned": found.scanned(),
        "begins": found.first_time,
        "ends": found.last_time,
        "incomplete": found.incomplete,
    }
