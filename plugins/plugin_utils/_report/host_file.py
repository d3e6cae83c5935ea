# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of one host: ``<report_dir>/hosts/<percent-encoded name>.json``.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostError, HostResult
from ansible_collections.unblock.updates.plugins.plugin_utils._report.result_files import ResultFiles
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import HOST_RESULT


def _unread(run_id: str, name: str, error: HostError) -> HostResult:
    return {
        "run_id": run_id,
        "finished_at": None,
        "check_mode": False,
        "rules": [],
        "host": {
            "name": name,
            "status": "error",
            "os": None,
            "wsus": None,
            "configmgr": None,
            "assessments": [],
            "error": error,
        },
        "events": [],
    }


#: A host whose file cannot be used has status C(error).
HOST_FILES: ResultFiles[HostResult] = ResultFiles("host", HOST_RESULT, _unread)
