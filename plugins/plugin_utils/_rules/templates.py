# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons and next steps with C({fact.name}) in them.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import re

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import lookup, render
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Facts

PLACEHOLDER = re.compile(r"\{([a-z0-9_]+(?:\.[a-z0-9_]+)*)\}")


def placeholders(template: str) -> list[str]:
    """The names that a template refers to, in order."""
    return PLACEHOLDER.findall(template)


def fill(template: str, facts: Facts) -> str:
    """The template with every placeholder replaced once: what a host sent is never read as a template."""
    return PLACEHOLDER.sub(lambda match: render(lookup(facts, match.group(1))), template)
