# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes in the report: which ones a host saw, which failed, and what each is called in words.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy, Scalar
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, Host
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line, shown


def verdict_remedies(assessment: Assessment | None) -> list[Remedy]:
    """Returns the changes that led to a verdict, in their order."""
    if assessment is None or "remedy" not in assessment:
        return []
    return [*assessment.get("earlier_remedies", []), assessment["remedy"]]


def host_remedies(host: Host) -> list[Remedy]:
    """Returns all changes to a host, those of one that could not be judged afterwards among them."""
    judged = [remedy for assessment in host["assessments"] for remedy in verdict_remedies(assessment)]
    return [*judged, *host.get("remedies", [])]


def is_failed(host: Host) -> bool:
    """Tells whether a fix of this host failed."""
    statuses = (assessment["status"] for assessment in host["assessments"])
    return "fix_failed" in statuses or any(remedy["outcome"] == "failed" for remedy in host.get("remedies", []))


def is_contradicted(host: Host) -> bool:
    """Tells whether the symptom came again after a fix of this host."""
    return any(assessment["verification"] == "contradicted" for assessment in host["assessments"])


def remedy_words(remedy: Remedy) -> str:
    """Returns what became of a change, in one line."""
    code = f" (exit code {remedy['exit_code']})" if remedy["exit_code"] is not None else ""
    return one_line(f"{remedy['action']} {remedy['outcome']}{code}: {remedy['message']}")


def facts_changed(remedy: Remedy) -> list[tuple[str, str, str]]:
    """Returns the facts that a change is about: name, before, after; a dash where nothing was read."""
    before, after = remedy["before"], remedy["after"]
    return [(one_line(name), _side(before, name), _side(after, name)) for name in dict.fromkeys([*before, *after])]


def span(remedy: Remedy) -> str:
    """Returns when a change was made, by the host's clock."""
    moments = [moment for moment in (remedy["started"], remedy["finished"]) if moment]
    return " to ".join(dict.fromkeys(moment.replace("T", " ").replace("Z", " UTC") for moment in moments))


def package_words(remedy: Remedy) -> str:
    """Returns what was run: the package's name, digest, size, signer and when it was signed."""
    package = remedy["package"]
    if package is None:
        return ""
    size = "" if package["size"] is None else f", {package['size']} bytes"
    signed = f", signed by {package['signer']}" if package["signer"] else ", unsigned"
    when = f" at {package['signed_at']}" if package["signed_at"] else ""
    return one_line(f"{package['name']}, SHA-256 {package['sha256']}{size}{signed}{when}")


def _side(facts: Mapping[str, Scalar], name: str) -> str:
    return shown(facts[name]) if name in facts else "-"
