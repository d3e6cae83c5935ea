# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task leaves on the controller for the report of its run.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible.errors import AnsibleActionFail

from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.location import report_folder
from ansible_collections.unblock.updates.plugins.plugin_utils._report.result_files import ResultFiles, ResultT
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet


def keep_result(
    files: ResultFiles[ResultT],
    entries: t.Mapping[str, t.Any],
    *,
    report_dir: str | None,
    run_id: str,
    check_mode: bool,
    rules: RuleSet,
) -> None:
    """Writes what was found on one host, as soon as it is there.

    Args:
        files: those of its kind.
        entries: what a result of that kind holds beside what every result begins with.
        report_dir: the task's option.
        run_id: of the run that the result belongs to.
        check_mode: whether the task only predicts.
        rules: that it was judged by.

    Raises:
        AnsibleActionFail: if the file cannot be written; the text names host and folder.
    """
    head = {
        "run_id": run_id,
        "finished_at": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "check_mode": check_mode,
        "rules": rules.identities(),
    }
    folder = report_folder(report_dir)
    try:
        files.write(folder, t.cast(ResultT, {**head, **entries}))
    except (OSError, ReportError) as exc:
        name = entries[files.entry]["name"]
        raise AnsibleActionFail(f"the result of {name} cannot be kept in {folder}: {exc}") from exc
