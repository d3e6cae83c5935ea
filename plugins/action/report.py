# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the fleet report on the controller, then fails if the run's outcome asks for it."""

from __future__ import annotations

import shutil
import typing as t
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import build_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.changes import is_contradicted, is_failed
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.collector import no_collector
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.files import write_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.job_stats import job_stats
from ansible_collections.unblock.updates.plugins.plugin_utils._report.location import report_folder
from ansible_collections.unblock.updates.plugins.plugin_utils._report.merge import merge_reports
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report, ReportHost
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.terminal import render_table
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line

display = Display()

#: What a run can fail on beside statuses: a fix that is in place and does not help.
CONTRADICTED = "contradicted"
FAILURES = (*STATUSES, CONTRADICTED)

_NAMED = 20


class ActionModule(ActionBase):
    """C(unblock.updates.report), documented in ``plugins/modules/report.py``."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "report_dir": {"type": "path"},
        "run_id": {"type": "str", "required": True},
        "hosts": {"type": "list", "elements": "str"},
        "clients": {"type": "list", "elements": "str"},
        "merge": {"type": "list", "elements": "path"},
        "fail_on": {"type": "list", "elements": "str", "choices": list(FAILURES), "default": []},
        "allow_unreachable": {"type": "bool", "default": False},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Writes the report; a run that must fail does so with the files already written."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        dummy, arguments = self.validate_argument_spec(
            self.ARGUMENT_SPEC,
            required_one_of=[["hosts", "merge"]],
            mutually_exclusive=[["hosts", "merge"], ["clients", "merge"]],
        )
        folder = report_folder(arguments["report_dir"]).absolute()
        try:
            with no_collector():
                report = self._report(folder, arguments)
                files = write_report(folder, report)
        except (OSError, ReportError) as exc:
            raise AnsibleActionFail(f"The report cannot be written to {folder}: {exc}") from exc
        # As a result the table would be quoted and folded by whatever prints results.
        for line in render_table(report, min(max(shutil.get_terminal_size((120, 24)).columns, 100), 160)):
            display.display(line)
        result.update(
            changed=False,
            report_dir=str(folder),
            files=[str(path) for path in files],
            summary=report["summary"],
            stats=job_stats(report, folder),
        )
        bad = set(arguments["fail_on"]) | (set() if arguments["allow_unreachable"] else {"unreachable", "error"})
        complaint = _complaint(report, bad)
        if complaint:
            result.update(failed=True, msg=f"{complaint} The report is in {folder}.")
        return result

    def _report(self, folder: Path, arguments: Mapping[str, t.Any]) -> Report:
        run_id = arguments["run_id"]
        if arguments["merge"] is not None:
            return merge_reports(arguments["merge"], run_id=run_id)
        return build_report(
            HOST_FILES.read(folder, run_id, map(str, arguments["hosts"])),
            run_id=run_id,
            check_mode=bool(self._task.check_mode),
            clients=CLIENT_FILES.read(folder, run_id, map(str, arguments["clients"] or [])),
        )


def _complaint(report: Report, bad: Collection[str]) -> str:
    """Names the hosts that fail the run, the worst reason first; empty if there is none."""
    named = {reason: [host for host in report["hosts"] if _is(host, reason)] for reason in FAILURES if reason in bad}
    return " ".join(f"{reason}: {_names(hosts)}." for reason, hosts in named.items() if hosts)


def _is(host: ReportHost, reason: str) -> bool:
    if reason == CONTRADICTED:
        return is_contradicted(host)
    return host["status"] == reason or (reason == "fix_failed" and is_failed(host))


def _names(hosts: Sequence[ReportHost]) -> str:
    names = [one_line(host["name"]) for host in hosts]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
