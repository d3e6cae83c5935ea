# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the programs of Windows say, by language.

Recalled, not captured from a host: nothing in the collection may depend on these words, and a host in another language
than English shows that nothing does.
"""

from __future__ import annotations

from tests.lab.simulated.process import Process

ENGLISH = {
    "access_denied": "Access is denied.",
    "could_not_find": "Could Not Find {path}",
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
