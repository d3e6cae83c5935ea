# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers that Windows and its script host fail with."""

from __future__ import annotations

# Win32 (winerror.h)
FILE_NOT_FOUND = 2
PATH_NOT_FOUND = 3
ACCESS_DENIED = 5
SHARING_VIOLATION = 32

#: Win32 number -> number of the scripting run-time, which reports files by its own ones (FACILITY_CONTROL).
RUNTIME_NUMBERS = {FILE_NOT_FOUND: 53, PATH_NOT_FOUND: 76, ACCESS_DENIED: 70, SHARING_VIOLATION: 70}
RUNTIME_TEXTS = {
    5: "Invalid procedure call or argument",
    53: "File not found",
    54: "Bad file mode",
    62: "Input past end of file",
    70: "Permission denied",
    76: "Path not found",
}


class WindowsError(Exception):
    """A system call of the host failed."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Win32 error {code}")
        self.code = code


class ComError(Exception):
    """A call to an automation object failed.

    `number` is the HRESULT as JScript shows it, a signed 32-bit integer: 0x80070002 is -2147024894.
    """

    def __init__(self, hresult: int, description: str) -> None:
        super().__init__(description)
        self.number = hresult - (1 << 32) if hresult >= 1 << 31 else hresult
        self.description = description


def from_win32(code: int, description: str) -> ComError:
    """Return a Win32 error as an HRESULT."""
    return ComError(0x80070000 | code, description)


def from_runtime(number: int) -> ComError:
    """Return an error of the scripting run-time as an HRESULT."""
    return ComError(0x800A0000 | number, RUNTIME_TEXTS[number])
