# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the operating system.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import locale
import re
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings

_ARCHITECTURES = {"x86": "x86", "amd64": "x64", "ia64": "ia64"}


def host_facts(readings: Readings) -> dict[str, t.Any]:
    """The facts C(os): C(name), C(version), C(service_pack), C(arch), C(language), C(code_page), C(computer_name);
    unknown is None.
    """
    return {
        "name": readings.text("os.product_name"),
        "version": _version(readings),
        "service_pack": _service_pack(readings),
        "arch": None if readings.wow64 else _ARCHITECTURES.get(str(readings.probe.get("arch")).lower()),
        "language": _language(readings.text("os.install_language")),
        "code_page": readings.text("os.ansi_code_page"),
        "computer_name": readings.text("os.computer_name"),
    }


def _version(readings: Readings) -> str | None:
    """Such as C(5.2.3790)."""
    major, minor = readings.number("os.major"), readings.number("os.minor")
    release = readings.text("os.current_version") if major is None or minor is None else f"{major}.{minor}"
    build = readings.text("os.build")
    return f"{release}.{build}" if release and build else None


def _service_pack(readings: Readings) -> int | None:
    """The high byte of CSDVersion counts the service packs; Windows without one has 0 there."""
    value = readings.number("os.service_pack")
    return None if value is None else (value >> 8) & 0xFF


def _language(identifier: str | None) -> str | None:
    """InstallLanguage is a language identifier in hexadecimal: C(0407) is C(de-DE)."""
    if identifier is None or not re.fullmatch(r"[0-9A-Fa-f]{4,8}", identifier):
        return None
    name = locale.windows_locale.get(int(identifier, 16))
    return name.replace("_", "-") if name else None
