# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges a Windows host by every rule, in one exchange."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail

from ansible_collections.unblock.updates.plugins.plugin_utils._client import describe_client, reads_for_client
from ansible_collections.unblock.updates.plugins.plugin_utils._collected import read_collected
from ansible_collections.unblock.updates.plugins.plugin_utils._detection import detect
from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HOST_ARGUMENT_SPEC, HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import compile_logs
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import Judgement, judge, reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import (
    operator_moment,
    operator_rules,
    operator_waivers,
    read_inventory,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedies import (
    RemedyError,
    apply_remedies,
    read_remedies,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES, silent_client
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    ByHand,
    Client,
    ClientFacts,
    Host,
    Probed,
    SyncProbe,
    Warned,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostError as ReportedError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.result_files import ResultFiles, ResultT
from ansible_collections.unblock.updates.plugins.plugin_utils._results import keep_result
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._sms_provider import site_clients
from ansible_collections.unblock.updates.plugins.plugin_utils._sync_probes import SyncProbeError, read_sync_probes
from ansible_collections.unblock.updates.plugins.plugin_utils._waivers import apply_waivers
from ansible_collections.unblock.updates.plugins.plugin_utils._wsus_server import ask_server

Arguments = t.Mapping[str, t.Any]

# Ansible imports this file before it forks its workers: what is compiled here is compiled once for all hosts.
with contextlib.suppress(RuleError):
    compile_logs(load_rules())


class ActionModule(HostAction):
    """C(unblock.updates.assess), documented in ``plugins/modules/assess.py``."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        **HOST_ARGUMENT_SPEC,
        "collected": {"type": "path"},
        "detect_now": {"type": "bool", "default": False},
        "detect_timeout": {"type": "float", "default": 300.0},
        "report_dir": {"type": "path"},
        "role": {"type": "str", "choices": ["server", "client"], "default": "server"},
        "run_id": {"type": "str"},
        "remedies": {"type": "list", "elements": "dict", "default": []},
        "rule_dirs": {"type": "list", "elements": "path"},
        "since": {"type": "str"},
        "sync_probes": {"type": "list", "elements": "dict", "default": []},
        "use_helper": {"type": "bool", "default": False},
    }
    ARGUMENT_RULES: t.ClassVar[dict[str, t.Any]] = {"required_by": {"report_dir": "run_id"}}

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        variable = self.variables(task_vars)
        self._fill_in(variable)
        arguments = self.read_arguments(task_vars)
        host = str(task_vars["inventory_hostname"])
        rules = operator_rules(arguments["rule_dirs"], variable)
        try:
            if arguments["role"] == "client":
                return {**result, **self._ask_client(arguments, host, rules, variable)}
            return {**result, **self._judge_server(arguments, host, rules, variable)}
        except HostError as exc:
            return {**result, **self.error_result(exc)}

    def _fill_in(self, variable: t.Callable[[str], t.Any]) -> None:
        """Takes from variables what the task leaves out: templates in the task would cost a fifth of a host's time."""
        given = self._task.args
        names = ["run_id"]
        if given.get("role") != "client":
            names.append("collected")
        if given.get("run_id") or variable("unblock_run_id"):
            names.append("report_dir")
        found = {name: variable(f"unblock_{name}") for name in names if name not in given}
        self._task.args = {**given, **{name: value for name, value in found.items() if value is not None}}

    def _ask_client(
        self, arguments: Arguments, host: str, rules: RuleSet, variable: t.Callable[[str], t.Any]
    ) -> dict[str, t.Any]:
        if arguments["collected"]:
            raise AnsibleActionFail("collected is for servers: what was collected by hand holds nothing of a client")
        inventory = read_inventory(variable, host)
        detected: bool | None = None
        outcome: ClientFacts | HostError
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:

                def look() -> ClientFacts:
                    answer = probe.ask(shell, reads_for_client(rules), arguments["timeout"])
                    return describe_client(answer, rules, inventory, _now())

                outcome = look()
                if arguments["detect_now"] and not self._task.check_mode:
                    outcome, detected = detect(shell, outcome, look, arguments["detect_timeout"])
        except HostError as exc:
            outcome = exc
        self._keep(arguments, rules, CLIENT_FILES, {"client": _client_entry(host, outcome)})
        if isinstance(outcome, HostError):
            raise outcome
        asked = {} if detected is None else {"detected": detected}
        return {**asked, "changed": detected is not None, "client": outcome}

    def _judge_server(
        self, arguments: Arguments, host: str, rules: RuleSet, variable: t.Callable[[str], t.Any]
    ) -> dict[str, t.Any]:
        inventory = read_inventory(variable, host)
        waivers = operator_waivers(variable)
        since = operator_moment("since", arguments["since"])
        remedies = _remedies(arguments["remedies"], rules)
        probes = _sync_probes(arguments)
        now = _now()
        by_hand: ByHand = {}
        warned: Warned = {}
        outcome: Judgement | HostError
        try:
            if arguments["collected"]:
                found = read_collected(pathlib.Path(arguments["collected"]), reads_for(rules))
                by_hand = {"collected": found.as_dict(now)}
                judged = judge(found.answer, rules, inventory, since=since)
            else:
                warned = self._warned()
                judged = self._ask_server(arguments, rules, inventory, since, probes)
            remedied = [apply_remedies(verdict, remedies) for verdict in judged.assessments]
            waived = [apply_waivers(verdict, waivers, host, now.date()) for verdict in remedied]
            outcome = dataclasses.replace(judged, assessments=waived)
        except HostError as exc:
            outcome = exc
        events = [] if isinstance(outcome, HostError) else outcome.events
        self._keep(
            arguments,
            rules,
            HOST_FILES,
            {
                "host": {**by_hand, **warned, **_host_entry(host, outcome, remedies), **_probed(probes)},
                "events": events,
            },
        )
        if isinstance(outcome, HostError):
            raise outcome
        return {
            **by_hand,
            **warned,
            "changed": False,
            "status": outcome.status,
            "assessments": outcome.assessments,
            "os": outcome.os,
            "ansible_facts": {"wsus": outcome.wsus, "configmgr": outcome.configmgr},
        }

    def _ask_server(
        self,
        arguments: Arguments,
        rules: RuleSet,
        inventory: Inventory,
        since: datetime.datetime | None,
        probes: list[SyncProbe],
    ) -> Judgement:
        timeout = arguments["timeout"]
        server = None
        with self.open_shell(arguments["connect_timeout"]) as shell:
            answer = probe.ask(shell, reads_for(rules), timeout)
            received, readings = _now(), Readings(answer)
            clients = site_clients(shell, readings, rules.products["configmgr"])
            if arguments["use_helper"]:
                server = ask_server(shell, readings, rules.products["wsus"], inventory, arguments["run_id"], timeout)
        return judge(answer, rules, inventory, clients, server=server, received=received, since=since, probes=probes)

    def _warned(self) -> Warned:
        warnings = self.connection_warnings()
        return {"connection_warnings": warnings} if warnings else {}

    def _keep(
        self, arguments: Arguments, rules: RuleSet, files: ResultFiles[ResultT], entries: t.Mapping[str, t.Any]
    ) -> None:
        """Writes a result for the fleet report, if it belongs to a run."""
        run_id = arguments["run_id"]
        if run_id:
            check_mode = bool(self._task.check_mode)
            keep_result(
                files, entries, report_dir=arguments["report_dir"], run_id=run_id, check_mode=check_mode, rules=rules
            )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _remedies(value: t.Any, rules: RuleSet) -> list[Remedy]:
    try:
        return read_remedies(value, {rule.id for rule in rules.rules})
    except RemedyError as exc:
        raise AnsibleActionFail(str(exc)) from exc


def _sync_probes(arguments: Arguments) -> list[SyncProbe]:
    if arguments["sync_probes"] and arguments["collected"]:
        raise AnsibleActionFail("sync_probes cannot be used with collected: nobody compared that host's clock")
    try:
        return read_sync_probes(arguments["sync_probes"])
    except SyncProbeError as exc:
        raise AnsibleActionFail(str(exc)) from exc


def _probed(probes: list[SyncProbe]) -> Probed:
    return {"sync_probes": probes} if probes else {}


def _client_entry(name: str, outcome: ClientFacts | HostError) -> Client:
    if isinstance(outcome, HostError):
        return silent_client(name, t.cast(ReportedError, outcome.as_dict()))
    return {"name": name, "error": None, **outcome}


def _host_entry(name: str, outcome: Judgement | HostError, remedies: list[Remedy]) -> Host:
    if isinstance(outcome, HostError):
        entry: Host = {
            "name": name,
            "status": "unreachable" if outcome.unreachable else "error",
            "os": None,
            "wsus": None,
            "configmgr": None,
            "assessments": [],
            "error": t.cast(ReportedError, outcome.as_dict()),
        }
        # What was done to a host that is gone now would be told nowhere else.
        if remedies:
            entry["remedies"] = remedies
        return entry
    return {
        "name": name,
        "status": outcome.status,
        "os": outcome.os,
        "wsus": outcome.wsus,
        "configmgr": outcome.configmgr,
        "assessments": outcome.assessments,
        "clock_skew": outcome.clock_skew,
        "error": None,
    }
