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
DISK_FULL = 112
DIRECTORY_NOT_EMPTY = 145
ALREADY_EXISTS = 183
BAD_EXE_FORMAT = 193
ELEVATION_REQUIRED = 740
SHUTDOWN_IN_PROGRESS = 1115
NO_SHUTDOWN = 1116
SHUTDOWN_SCHEDULED = 1190

# The scripting run-time (facility 0x0A)
INVALID_CALL = 5
FILE_NOT_THERE = 53
BAD_FILE_MODE = 54
FILE_THERE = 58
SCRIPT_DISK_FULL = 61
END_OF_FILE = 62
DEVICE_UNAVAILABLE = 68
PERMISSION_DENIED = 70
PATH_NOT_THERE = 76
CANNOT_CREATE_OBJECT = 429

_RUNTIME_TEXTS = {
    INVALID_CALL: "Invalid procedure call or argument",
    FILE_NOT_THERE: "File not found",
    BAD_FILE_MODE: "Bad file mode",
    FILE_THERE: "File already exists",
    SCRIPT_DISK_FULL: "Disk full",
    END_OF_FILE: "Input past end of file",
    DEVICE_UNAVAILABLE: "Device unavailable",
    PERMISSION_DENIED: "Permission denied",
    PATH_NOT_THERE: "Path not found",
    CANNOT_CREATE_OBJECT: "Automation server can't create object",
}
_RUNTIME_NUMBERS = {
    FILE_NOT_FOUND: FILE_NOT_THERE,
    PATH_NOT_FOUND: PATH_NOT_THERE,
    ACCESS_DENIED: PERMISSION_DENIED,
    SHARING_VIOLATION: PERMISSION_DENIED,
    DISK_FULL: SCRIPT_DISK_FULL,
    DIRECTORY_NOT_EMPTY: PERMISSION_DENIED,
    ALREADY_EXISTS: FILE_THERE,
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
    return ComError(0x800A0000 | number, _RUNTIME_TEXTS[number])


def file_error(error: WindowsError) -> ComError:
    """Return the failure of a file operation as the FileSystemObject reports it."""
    return from_runtime(_RUNTIME_NUMBERS[error.code])
