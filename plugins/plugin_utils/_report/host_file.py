# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of one host: ``<report_dir>/hosts/<percent-encoded name>.json``.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import contextlib
import gc
import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible_collections.unblock.updates.plugins.plugin_utils._files import read_bounded
from ansible_collections.unblock.updates.plugins.plugin_utils._report.atomic import json_bytes, write_atomic
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostResult
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import HOST_RESULT, SchemaError, check

MAX_BYTES = 4 * 1024 * 1024
_MAX_NAME = 200  # bytes, of the 255 that file systems allow


class HostFileError(ReportError):
    """A host's file cannot be used; the message says why."""


def host_path(report_dir: Path, name: str) -> Path:
    """Returns where the result of the host of this name lies; every name is a legal and harmless file name."""
    encoded = quote(name, safe="", errors="surrogatepass")
    if encoded.startswith("."):
        encoded = f"%2E{encoded[1:]}"
    if len(encoded) > _MAX_NAME:
        digest = sha256(encoded.encode("ascii")).hexdigest()
        encoded = f"{encoded[: _MAX_NAME - len(digest) - 1]}~{digest}"
    return report_dir / "hosts" / f"{encoded}.json"


def write_host_result(report_dir: Path, result: HostResult) -> Path:
    """Checks a host's result, writes it atomically and returns its path.

    Raises:
        SchemaError: the result does not fit plugins/schemas/host_result.schema.json.
        OSError: the disk refused; a file that was there before is untouched.
    """
    check(result, HOST_RESULT)
    path = host_path(report_dir, result["host"]["name"])
    write_atomic(path, [json_bytes(result), b"\n"])
    return path


def read_host_results(report_dir: Path, run_id: str, names: Iterable[str]) -> list[HostResult]:
    """Returns the results of this run's hosts in the order of their names, each name once.

    A host whose file is missing, of another run or broken gets a result with status ``error`` that says so.
    """
    with _no_collector():
        return [_read_or_explain(report_dir, run_id, name) for name in dict.fromkeys(names)]


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Keeps the garbage collector from searching a heap that only grows: a quarter of the time for 10,000 hosts."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_or_explain(report_dir: Path, run_id: str, name: str) -> HostResult:
    path = host_path(report_dir, name)
    try:
        return _read(path, run_id, name)
    except HostFileError as error:
        observed = str(error)
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
            "error": {
                "layer": "result",
                "observed": observed,
                "next_step": "See what the play said of this host, then run it again, limited to this host.",
                "message": f"No result of this run: {observed}.",
            },
        },
    }


def _read(path: Path, run_id: str, name: str) -> HostResult:
    label = f"hosts/{path.name}"
    try:
        result: Any = json.loads(read_bounded(path, MAX_BYTES))
    except FileNotFoundError:
        raise HostFileError(f"{label} is missing") from None
    except OSError as error:
        raise HostFileError(f"{label} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise HostFileError(f"{label} is not JSON: {error}") from error
    if isinstance(result, dict) and result.get("run_id") != run_id:
        raise HostFileError(f"{label} belongs to another run")
    try:
        check(result, HOST_RESULT)
    except SchemaError as error:
        raise HostFileError(f"{label} is no host result: {error}") from error
    if result["host"]["name"] != name:
        raise HostFileError(f"{label} is the result of another host")
    checked: HostResult = result
    return checked
