# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults, against the numbers that other people's clients know."""

from __future__ import annotations

import pytest

from tests.lab.endpoint import faults
from tests.lab.endpoint.faults import Basis, FaultError

SEEN = {
    faults.OPERATION_TIMED_OUT: (0x80338029, "w:TimedOut"),
    faults.SHELL_NOT_FOUND: (0x8033805B, "w:InvalidSelectors"),
    faults.TOO_MANY_SHELLS: (0x803381A5, "w:QuotaLimit"),
    faults.TOO_MANY_OPERATIONS: (0x803381A6, "w:QuotaLimit"),
    faults.ACCESS_DENIED: (5, "w:AccessDenied"),
}


@pytest.mark.parametrize("fault", SEEN, ids=lambda fault: fault.subcode)
def test_faults_that_clients_act_on(fault: faults.Fault) -> None:
    assert (fault.code, fault.subcode) == SEEN[fault]


def test_no_other_fault_claims_to_be_seen() -> None:
    assert {fault for fault in faults.ALL if fault.basis is Basis.SEEN} == set(SEEN)
    assert {"a:ActionNotSupported", "w:EncodingLimit", "w:SchemaValidationError"} <= {
        fault.subcode for fault in faults.ALL
    }


def test_a_fault_names_its_detail() -> None:
    assert "ShellId 12-34 failed" in str(FaultError(faults.SHELL_NOT_FOUND, "12-34"))
