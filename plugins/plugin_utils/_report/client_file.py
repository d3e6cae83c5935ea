# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of one client: ``<report_dir>/clients/<percent-encoded name>.json``.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Client, ClientResult, HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.result_files import ResultFiles
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import CLIENT_RESULT


def silent_client(name: str, error: HostError) -> Client:
    """A client that said nothing."""
    return {
        "name": name,
        "os": None,
        "wu_server": None,
        "use_wu_server": None,
        "log": None,
        "last_sync": None,
        "office_2003": None,
        "events": [],
        "error": error,
    }


def _unread(run_id: str, name: str, error: HostError) -> ClientResult:
    client = silent_client(name, error)
    return {"run_id": run_id, "finished_at": None, "check_mode": False, "rules": [], "client": client}


CLIENT_FILES: ResultFiles[ClientResult] = ResultFiles("client", CLIENT_RESULT, _unread)
