# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with one result each: ``<report_dir>/<folder>/<percent-encoded name>.json``.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import quote

from ansible_collections.unblock.updates.plugins.plugin_utils._files import read_bounded
from ansible_collections.unblock.updates.plugins.plugin_utils._report.atomic import json_bytes, write_atomic
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostError, Result
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import SchemaError, check

MAX_BYTES = 4 * 1024 * 1024
_MAX_NAME = 200  # bytes, of the 255 that file systems allow

ResultT = TypeVar("ResultT", bound=Result)


class ResultFileError(ReportError):
    """A file cannot be used; the message says why."""


@dataclass(frozen=True)
class ResultFiles(Generic[ResultT]):
    """The files of one kind of result.

    Attributes:
        entry: the key under which a result holds what it is about, which has a ``name``. The folder is its plural.
        schema: what each must fit.
        explain: makes the result of a run for a name whose file cannot be used, from the error.
    """

    entry: str
    schema: str
    explain: Callable[[str, str, HostError], ResultT]

    def path(self, report_dir: Path, name: str) -> Path:
        """Returns where the result of this name lies; every name is a legal and harmless file name."""
        encoded = quote(name, safe="", errors="surrogatepass")
        if encoded.startswith("."):
            encoded = f"%2E{encoded[1:]}"
        if len(encoded) > _MAX_NAME:
            digest = sha256(encoded.encode("ascii")).hexdigest()
            encoded = f"{encoded[: _MAX_NAME - len(digest) - 1]}~{digest}"
        return report_dir / f"{self.entry}s" / f"{encoded}.json"

    def write(self, report_dir: Path, result: ResultT) -> Path:
        """Checks a result, writes it atomically and returns its path.

        Raises:
            SchemaError: the result does not fit the schema.
            OSError: the disk refused; a file that was there before is untouched.
        """
        check(result, self.schema)
        path = self.path(report_dir, cast(Mapping[str, Any], result)[self.entry]["name"])
        write_atomic(path, [json_bytes(result), b"\n"])
        return path

    def read(self, report_dir: Path, run_id: str, names: Iterable[str]) -> list[ResultT]:
        """Returns the results of a run in the order of their names, each name once.

        A name whose file is missing, of another run or broken gets a result with an error that says so.
        """
        return [self._read_or_explain(report_dir, run_id, name) for name in dict.fromkeys(names)]

    def read_all(self, report_dir: Path) -> list[ResultT]:
        """Returns every result in a folder, whatever run it is of, in the order of the file names.

        Raises:
            ResultFileError: a file cannot be used.
        """
        return [self._load(path) for path in sorted((report_dir / f"{self.entry}s").glob("*.json"))]

    def _read_or_explain(self, report_dir: Path, run_id: str, name: str) -> ResultT:
        try:
            return self._read(self.path(report_dir, name), run_id, name)
        except ResultFileError as error:
            observed = str(error)
        return self.explain(
            run_id,
            name,
            {
                "layer": "result",
                "observed": observed,
                "next_step": "See what the play said of this host, then run it again, limited to this host.",
                "message": f"No result of this run: {observed}.",
            },
        )

    def _read(self, path: Path, run_id: str, name: str) -> ResultT:
        result = self._load(path, run_id)
        if cast(Mapping[str, Any], result)[self.entry]["name"] != name:
            raise ResultFileError(f"{_label(path)} is the result of another {self.entry}")
        return result

    def _load(self, path: Path, run_id: str | None = None) -> ResultT:
        """Returns the result in a file, of one run if that is given."""
        label = _label(path)
        try:
            result: Any = json.loads(read_bounded(path, MAX_BYTES))
        except FileNotFoundError:
            raise ResultFileError(f"{label} is missing") from None
        except OSError as error:
            raise ResultFileError(f"{label} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError) as error:
            raise ResultFileError(f"{label} is not JSON: {error}") from None
        if run_id is not None and isinstance(result, dict) and result.get("run_id") != run_id:
            raise ResultFileError(f"{label} belongs to another run")
        try:
            check(result, self.schema)
        except SchemaError as error:
            raise ResultFileError(f"{label} is no {self.entry} result: {error}") from None
        return cast(ResultT, result)


def _label(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
