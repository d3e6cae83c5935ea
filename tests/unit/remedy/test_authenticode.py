# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who signed a package: only a whole signature of Microsoft's own counts."""

from __future__ import annotations

import datetime
import io
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.authenticode import (
    MICROSOFT,
    Trust,
    UnverifiedError,
    verify,
)
from tests.unit.missing_library import run_without
from tests.unit.remedy.material import FIXTURES, OTHER_TRUST, ROOT, TRUST

STAMPED = (FIXTURES / "stamped.exe").read_bytes()


def test_signer_and_time_stamp() -> None:
    signature = verify(io.BytesIO(STAMPED), TRUST)
    assert (signature.signer, signature.organization, signature.root) == ("Microsoft Corporation",) * 2 + (ROOT,)
    assert signature.signed_at == datetime.datetime(2008, 8, 5, 9, 30, tzinfo=datetime.timezone.utc)


def test_without_a_time_stamp() -> None:
    with (FIXTURES / "signed.exe").open("rb") as stream:
        assert verify(stream, TRUST).signed_at is None


def flipped(offset: int) -> bytes:
    data = bytearray(STAMPED)
    data[offset] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "trust", "why"),
    [
        (
            (FIXTURES / "foreign.exe").read_bytes(),
            TRUST,
            "by Contoso (Contoso Ltd) without a time stamp and not by",
        ),
        (STAMPED, OTHER_TRUST, "under a root that is not Microsoft's own"),
        (STAMPED, MICROSOFT, "its signature does not hold"),
        (flipped(0x405), TRUST, "its signature does not hold"),
        (STAMPED[:3000], TRUST, "it is not signed"),
        (STAMPED[:6000], TRUST, "it"),
        ((FIXTURES / "small-x64.msi").read_bytes(), TRUST, "it is not signed"),
        (b"MZ", TRUST, "it is not signed"),
        (b"", TRUST, "its signature cannot be read"),
    ],
    ids=["foreign", "other_root", "no_root", "altered", "cut", "cut_signature", "msi", "short", "empty"],
)
def test_what_does_not_count(data: bytes, trust: Trust, why: str) -> None:
    with pytest.raises(UnverifiedError) as caught:
        verify(io.BytesIO(data), trust)
    assert str(caught.value).startswith("it")
    assert why in str(caught.value)


def test_without_the_library_the_error_names_what_to_install(tmp_path: Path) -> None:
    script = (
        "from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.authenticode import *\n"
        "import io\ntry:\n    verify(io.BytesIO())\nexcept UnverifiedError as exc:\n"
        "    print(exc)\n    print(exc.next_step)\n"
    )
    words, step = run_without("signify", script, tmp_path).splitlines()
    assert "the Python package signify" in words and "no such library" in words
    assert step.startswith("Run pip install 'signify[msi]' on the controller") and "allow_unsigned: true" in step
