# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe run by hand on a host without WinRM: its script, and the file that its answer came in.

PRIVATE to the collection: may change without notice.

One script serves all hosts, so its nonce is the request's fingerprint: an answer tells which reads it was made for.
"""

from __future__ import annotations

import codecs
import dataclasses
import datetime
import hashlib
import json
import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._files import read_bounded
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import Answer, Read, compose, parse
from ansible_collections.unblock.updates.plugins.plugin_utils._host.frame import (
    AnswerError,
    NoAnswerError,
    OtherRequestError,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._host.probe import MAX_ANSWER_BYTES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Collected
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc

#: What the script is called where nobody says otherwise.
SCRIPT_NAME = "unblock-probe.js"

#: PowerShell's redirection writes UTF-16, two bytes a character.
_MAX_FILE_BYTES = 2 * MAX_ANSWER_BYTES

_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}

_PREFACE = pathlib.Path(__file__).resolve().parents[1] / "host_scripts" / "by_hand.js"

_RUN = f"on the host, as an administrator (cscript //nologo {SCRIPT_NAME} > host.txt)"
_EXPORT_AGAIN = f"Export the probe again by unblock.updates.export_probe with the same rule_dirs, and run it {_RUN}."
_RUN_AGAIN = f"Run the exported probe again {_RUN}."


@dataclasses.dataclass(frozen=True)
class CollectedAnswer:
    """An answer that came in a file.

    Attributes:
        answer: as ``exchange.parse`` checked it.
        at: when the host answered, UTC by the host's own clock.
    """

    answer: Answer
    at: datetime.datetime

    def as_dict(self, now: datetime.datetime) -> Collected:
        """What results and reports say of it; the age is below zero only where the host's clock is days ahead."""
        return {
            "at": format_utc(self.at),
            "age_days": int((now - self.at) / datetime.timedelta(days=1)),
            "computer_name": Readings(self.answer).text("os.computer_name"),
        }


def fingerprint(reads: t.Sequence[Read]) -> str:
    """32 hexadecimal digits that are the same for the same reads in the same order, and for no others."""
    return hashlib.sha256(json.dumps(reads, sort_keys=True).encode("ascii")).hexdigest()[:32]


def script(reads: t.Sequence[Read]) -> bytes:
    """The script that an administrator runs: ASCII with CRLF line ends, the same bytes for the same reads.

    Raises:
        ValueError: for a read that makes a line longer than ``exchange.MAX_SCRIPT_LINE_BYTES``.
    """
    preface = _PREFACE.read_text(encoding="ascii").replace("\n", "\r\n").encode("ascii")
    return preface + compose(reads, fingerprint(reads))


def read_collected(path: pathlib.Path, reads: t.Sequence[Read]) -> CollectedAnswer:
    """Reads what the script printed on a host.

    Args:
        path: the file on the controller: ASCII, or UTF-8 or UTF-16 with a byte order mark. Of several answers in it,
            the last one counts.
        reads: what the rules ask for now.

    Raises:
        HostError: layer collected file, with the remedy, if the file or the answer in it cannot be used.
    """
    try:
        answer = parse(_decode(read_bounded(path, _MAX_FILE_BYTES)), reads, fingerprint(reads))
        at = parse_utc(answer["probe"]["time"])
        if at is None:
            raise AnswerError(f"the host's clock says {answer['probe']['time']}, which is no time")
    except OSError as exc:
        raise _error(path, f"the file cannot be read: {exc.strerror}", _RUN_AGAIN) from exc
    except NoAnswerError as exc:
        raise _error(path, "the file holds nothing that the probe prints", _RUN_AGAIN) from exc
    except OtherRequestError as exc:
        raise _error(path, "the answer was collected for another version of the rules", _EXPORT_AGAIN) from exc
    except AnswerError as exc:
        raise _error(path, str(exc), _RUN_AGAIN) from exc
    return CollectedAnswer(answer, at)


def _decode(content: bytes) -> str:
    # The answer itself is ASCII; what stands around it may be in any code page and does not matter.
    encoding = next((encoding for bom, encoding in _BOMS.items() if content.startswith(bom)), "ascii")
    return content.decode(encoding, errors="replace")


def _error(path: pathlib.Path, observed: str, next_step: str) -> HostError:
    return HostError(Layer.COLLECTED, str(path), observed, next_step)
