# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the exit code of an installer says, by ``plugins/rules/installers/exit_codes.yml``.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules import checks
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import read_document
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.schema import check_document

_FILE = pathlib.Path(__file__).resolve().parents[2] / "rules" / "installers" / "exit_codes.yml"

Result = t.Literal["changed", "reboot_required", "unchanged", "busy", "failed"]


@dataclasses.dataclass(frozen=True)
class ExitCode:
    """One answer of an installer.

    Attributes:
        code: 32 bits without a sign.
        result: what it says about the host; C(busy) is worth another try.
        meaning: in words.
        next_step: one sentence, empty if there is nothing that is special to this code.
    """

    code: int
    result: Result
    meaning: str
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.code} ({self.meaning})"


@functools.cache
def known_codes() -> dict[int, ExitCode]:
    """The codes of the file, by number.

    Raises:
        RuleError: if the file cannot be used.
    """
    document = read_document(_FILE)
    check_document(document, "exit_codes")
    checks.check_unique(document, ("exit_codes",), "code")
    return {entry["code"]: ExitCode(**entry) for entry in document.data["exit_codes"]}


def explain(code: int, success_codes: t.Collection[int] | None = None) -> ExitCode:
    """What a code says.

    Args:
        code: 32 bits without a sign.
        success_codes: codes that the operator counts as success, instead of those that the file does. One that the file
            takes for a failure, or does not know, is a change then. C(busy) stays what it is unless it is among them.
    """
    known = known_codes().get(code)
    found = known or ExitCode(code, "failed", "a code that is not known", "Look it up with the package's maker.")
    if success_codes is None:
        return found
    if code in success_codes:
        return found if found.result not in ("busy", "failed") else dataclasses.replace(found, result="changed")
    return found if found.result == "busy" else dataclasses.replace(found, result="failed")
