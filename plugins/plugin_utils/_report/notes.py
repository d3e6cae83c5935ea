# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader must know beside a verdict: how old its facts are and how they came, and what else was said.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._report.labels import MARKS
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, Host, Report, ReportHost
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line


def age_note(host: Host) -> str:
    """Returns when and where a host's facts were collected by hand; empty if they came over the network."""
    if "collected" not in host:
        return ""
    collected = host["collected"]
    days = collected["age_days"]
    where = f" on {collected['computer_name']}" if collected["computer_name"] else ""
    when = collected["at"].replace("T", " ").replace("Z", " UTC")
    return one_line(f"collected by hand{where}, {when}, {days} day{'' if days == 1 else 's'} before")


def connection_warnings(host: Host) -> list[str]:
    """Returns a sentence for each weakness of the way to a host that the operator chose."""
    return [one_line(warning) for warning in host.get("connection_warnings", [])]


def waiver_notes(assessment: Assessment | None) -> list[str]:
    """Returns a sentence for each waiver that ran out."""
    expired = assessment.get("expired_waivers", []) if assessment is not None else []
    return [one_line(f"expired {waiver['expires']}: {waiver['reason']} ({waiver['owner']})") for waiver in expired]


def upstream_words(host: Host) -> str:
    """Returns what a WSUS server synchronizes from, and how; empty if neither is known."""
    facts = host["wsus"] or {}
    upstream, replica = facts.get("upstream_server"), facts.get("is_replica")
    source = "" if upstream is None else one_line(str(upstream)) or "Microsoft Update"
    words = "" if replica is None else "as a replica" if replica else "with approvals of its own"
    return ", ".join(filter(None, (source, words))) if source else ""


def other_results(host: ReportHost) -> list[str]:
    """Returns what other runs of a merged report said of a host, the newest first."""
    return [
        one_line(f"{MARKS[other['status']].label} in run {other['run_id']}, {_when(other['finished_at'])}")
        + (", later than this result" if (other["finished_at"] or "") > (host["finished_at"] or "") else "")
        for other in host.get("other_results", [])
    ]


def merge_sentences(report: Report) -> str:
    """Returns what a merged report was made from, and how often it had to choose; empty if it was not merged."""
    if "merged" not in report:
        return ""
    runs = {run["run_id"] for run in report["merged"]}
    chosen = sum("other_results" in host for host in report["hosts"])
    later = sum(any("later than" in words for words in other_results(host)) for host in report["hosts"])
    sentences = [f"Merged from {_counted(len(runs), 'run')}."]
    if chosen:
        verb = "is" if chosen == 1 else "are"
        sentences.append(f"{_counted(chosen, 'server')} {verb} in more than one: the newest verdict counts.")
    if later:
        sentences.append(f"{_counted(later, 'server')} could not be judged after that.")
    return " ".join(sentences)


def _when(moment: str | None) -> str:
    return "which left no result" if moment is None else moment.replace("T", " ").replace("Z", " UTC")


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
