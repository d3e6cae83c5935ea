# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs of Windows say, by language.

Recalled, not captured from a host: nothing in the collection may depend on these words, and a host in another language
than English shows that nothing does.
"""

from __future__ import annotations

from tests.lab.simulated.errors import (
    ACCESS_DENIED,
    ALREADY_EXISTS,
    BAD_EXE_FORMAT,
    DIRECTORY_NOT_EMPTY,
    DISK_FULL,
    ELEVATION_REQUIRED,
    FILE_NOT_FOUND,
    PATH_NOT_FOUND,
    SHARING_VIOLATION,
    WindowsError,
)
from tests.lab.simulated.process import Process

#: The text of an error of Windows.
_SYSTEM_TEXTS = {
    FILE_NOT_FOUND: "file_not_found",
    PATH_NOT_FOUND: "path_not_found",
    ACCESS_DENIED: "access_denied",
    SHARING_VIOLATION: "file_in_use",
    DISK_FULL: "disk_full",
    DIRECTORY_NOT_EMPTY: "directory_not_empty",
    ALREADY_EXISTS: "duplicate_name",
    BAD_EXE_FORMAT: "not_valid_program",
    ELEVATION_REQUIRED: "elevation_required",
}

ENGLISH = {
    "access_denied": "Access is denied.",
    "already_exists": "A subdirectory or file {name} already exists.",
    "could_not_find": "Could Not Find {path}",
    "directories_moved": "{count:>9} dir(s) moved.",
    "directory_not_empty": "The directory is not empty.",
    "disk_full": "There is not enough space on the disk.",
    "duplicate_name": "A duplicate file name exists, or the file\ncannot be found.",
    "elevation_required": "The requested operation requires elevation.",
    "files_copied": "{count:>9} file(s) copied.",
    "files_moved": "{count:>9} file(s) moved.",
    "group_default": "Enabled by default",
    "group_deny_only": "Group used for deny only",
    "group_enabled": "Enabled group",
    "group_mandatory": "Mandatory group",
    "group_owner": "Group owner",
    "invalid_option": "Invalid argument/option.",
    "no_file": "File Not Found",
    "invalid_start_time": "Invalid Starttime value.",
    "invalid_syntax": "Invalid syntax. Mandatory options are missing.",
    "never": "Never",
    "not_available": "N/A",
    "task_created": 'SUCCESS: The scheduled task "{name}" has successfully been created.',
    "task_deleted": 'SUCCESS: The scheduled task "{name}" was successfully deleted.',
    "task_ended": 'SUCCESS: The scheduled task "{name}" has been terminated successfully.',
    "task_exists": 'The task name "{name}" already exists. Do you want to replace it (Y/N)?',
    "task_ready": "Ready",
    "task_running": "Running",
    "task_started": 'SUCCESS: Attempted to run the scheduled task "{name}".',
    "too_long": "Value for '{option}' option cannot be more than {limit} character(s).",
    "no_shutdown": "Unable to abort the system shutdown because no shutdown was in progress.",
    "shutdown_in_progress": "A system shutdown is in progress.",
    "shutdown_scheduled": "A system shutdown has already been scheduled.",
    "sid_type_alias": "Alias",
    "sid_type_known": "Well-known group",
    "sid_type_unknown": "Unknown SID type",
    "not_valid_program": "This program cannot be run: it is no valid Win32 application.",
    "syntax": "The syntax of the command is incorrect.",
    "unexpected": "{word} was unexpected at this time.",
    "file_in_use": "The process cannot access the file because it is being used by another process.",
    "file_not_found": "The system cannot find the file specified.",
    "not_recognized": "'{name}' is not recognized as an internal or external command,\noperable program or batch file.",
    "path_not_found": "The system cannot find the path specified.",
    "no_such_key": "The system was unable to find the specified registry key or value.",
    "error": "ERROR",
    "error_2003": "Error",
    "done": "The operation completed successfully.",
    "no_such_service": "The specified service does not exist as an installed service.",
    "failed": "FAILED",
    "service_type": "TYPE",
    "service_state": "STATE",
    "script_host_disabled": "CScript Error: Windows Script Host access is disabled on this machine. "
    "Contact your administrator for details.",
}

GERMAN = {
    "access_denied": "Zugriff verweigert",
    "already_exists": 'Ein Unterverzeichnis oder eine Datei mit dem Namen "{name}" existiert bereits.',
    "directories_moved": "{count:>9} Verzeichnis(se) verschoben.",
    "directory_not_empty": "Das Verzeichnis ist nicht leer.",
    "disk_full": "Es steht nicht genug Speicherplatz auf dem Datenträger zur Verfügung.",
    "duplicate_name": "Ein doppelt vorhandener Dateiname oder die Datei\nwurde nicht gefunden.",
    "elevation_required": "Der angeforderte Vorgang erfordert erhöhte Rechte.",
    "files_copied": "{count:>9} Datei(en) kopiert.",
    "files_moved": "{count:>9} Datei(en) verschoben.",
    "group_default": "Standardmäßig aktiviert",
    "group_deny_only": "Gruppe, die nur zum Verweigern verwendet wird",
    "group_enabled": "Aktivierte Gruppe",
    "group_mandatory": "Verbindliche Gruppe",
    "group_owner": "Gruppenbesitzer",
    "invalid_option": "Ungültiges Argument/ungültige Option.",
    "no_file": "Datei nicht gefunden",
    "invalid_start_time": "Ungültiger Wert für die Startzeit.",
    "invalid_syntax": "Ungültige Syntax. Erforderliche Optionen fehlen.",
    "never": "Nie",
    "not_available": "Nicht zutreffend",
    "task_created": 'ERFOLGREICH: Der geplante Task "{name}" wurde erfolgreich erstellt.',
    "task_deleted": 'ERFOLGREICH: Der geplante Task "{name}" wurde erfolgreich gelöscht.',
    "task_ended": 'ERFOLGREICH: Der geplante Task "{name}" wurde erfolgreich beendet.',
    "task_exists": 'Der Taskname "{name}" ist bereits vorhanden. Möchten Sie ihn ersetzen (J/N)?',
    "task_ready": "Bereit",
    "task_running": "Wird ausgeführt",
    "task_started": 'ERFOLGREICH: Es wurde versucht, den geplanten Task "{name}" auszuführen.',
    "too_long": "Der Wert für die Option '{option}' darf höchstens {limit} Zeichen lang sein.",
    "no_shutdown": "Das Herunterfahren kann nicht abgebrochen werden, da es nicht eingeleitet wurde.",
    "shutdown_in_progress": "Das System wird heruntergefahren.",
    "shutdown_scheduled": "Das Herunterfahren des Systems wurde bereits geplant.",
    "sid_type_alias": "Alias",
    "sid_type_known": "Bekannte Gruppe",
    "sid_type_unknown": "Unbekannter SID-Typ",
    "not_valid_program": "Das Programm ist keine zulässige Win32-Anwendung.",
    "syntax": "Syntaxfehler.",
    "unexpected": '"{word}" kann syntaktisch an dieser Stelle nicht verarbeitet werden.',
    "could_not_find": "{path} konnte nicht gefunden werden",
    "file_in_use": "Der Prozess kann nicht auf die Datei zugreifen, da sie von einem anderen Prozess verwendet wird.",
    "file_not_found": "Das System kann die angegebene Datei nicht finden.",
    "not_recognized": 'Der Befehl "{name}" ist entweder falsch geschrieben oder\nkonnte nicht gefunden werden.',
    "path_not_found": "Das System kann den angegebenen Pfad nicht finden.",
    "no_such_key": "Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.",
    "error": "FEHLER",
    "error_2003": "Fehler",
    "done": "Der Vorgang wurde erfolgreich beendet.",
    "no_such_service": "Der angegebene Dienst ist kein installierter Dienst.",
    "failed": "FEHLER",
    "service_type": "TYP",
    "service_state": "STATUS",
    "script_host_disabled": "CScript-Fehler: Der Zugriff auf den Windows Script Host wurde für diesen Computer "
    "deaktiviert. Wenden Sie sich an den Administrator.",
}

_LANGUAGES = {"de-DE": GERMAN}


def text(process: Process, name: str) -> str:
    """Return a message in the host's language, English where there is no other."""
    return _LANGUAGES.get(process.machine.windows.language, ENGLISH)[name]


def system_text(process: Process, error: WindowsError) -> str:
    """Return what Windows says about an error."""
    return text(process, _SYSTEM_TEXTS[error.code])
