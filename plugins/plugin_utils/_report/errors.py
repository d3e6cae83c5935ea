# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one exception of the fleet report.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from ansible.errors import AnsibleError


class ReportError(AnsibleError):
    """The report cannot be built or written; the message says what to do about it.

    Where it quotes what it was caused by, raise it C(from None): AnsibleError adds the text of its cause once more.
    """
