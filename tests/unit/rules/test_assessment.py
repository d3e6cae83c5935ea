# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a host answers to the contract's assessment."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.assessment import assess_rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.configmgr import SmsClients, configmgr_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.host import host_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import wsus_facts
from tests.unit.rules.support import ABSENT, DENIED, RULES, log, ok, readings, rule, service, tree
from tests.unit.rules.test_configmgr_facts import SITE, UPDATES
from tests.unit.rules.test_symptoms import AFTER, BEFORE, event
from tests.unit.rules.test_wsus_facts import DLL, SERVER

Reads = dict[str, t.Any]

SERVER_LOG = "954960.log.server"
FIXED: Reads = {**SERVER, SERVER_LOG: log(path=r"D:\Programme\Update Services\LogFiles\SoftwareDistribution.log")}
UNFIXED: Reads = {**FIXED, "wsus.client_dll": {**DLL, "version": "3.1.6001.65"}}
RTM: Reads = {
    **FIXED,
    "wsus.version_string": ok("3.0.6000.374"),
    "wsus.client_dll": {**DLL, "version": "3.0.6000.374", "created": "2007-05-01T00:00:00Z"},
}


def record(action: str = "apply_rtm_workaround", time: t.Any = "2008-07-15T09:30:00Z") -> Reads:
    return {"954960.record": ok(json.dumps({"action": action, "time": time}))}


def assess(
    reads: Reads,
    events: t.Sequence[t.Mapping[str, t.Any]] = (),
    rule_id: str = "954960",
    healthy_at: str | None = None,
    clients: SmsClients | None = None,
    wow64: bool = False,
    begins: str | None = "2008-06-01T00:00:00Z",
    since: str | None = None,
    **inventory: t.Any,
) -> dict[str, t.Any]:
    found = readings(reads, wow64=wow64)
    operator = Inventory(host="wsus01", **inventory)
    facts = {
        "os": host_facts(found),
        "wsus": wsus_facts(found, RULES.products["wsus"], operator),
        "configmgr": configmgr_facts(found, RULES.products["configmgr"], clients),
    }
    return assess_rule(
        rule(rule_id),
        RULES,
        found,
        facts,
        operator,
        events,
        parse_utc(healthy_at),
        begins=parse_utc(begins),
        since=parse_utc(since),
    )


def short(assessment: t.Mapping[str, t.Any]) -> tuple[str, str, str]:
    return assessment["status"], assessment["action"], assessment["verification"]


def test_the_whole_contract() -> None:
    assert assess(UNFIXED, [event("server", last=AFTER, count=4)]) == {
        "advisory": "954960",
        "status": "non_compliant",
        "action": "apply_kb954960",
        "reason": "KB954960 is missing on WSUS 3.0 SP1 (file version 3.1.6001.65 is below 3.1.6001.66; used by: none).",
        "next_step": "Install KB954960: ansible-playbook unblock.updates.remediate --limit wsus01",
        "symptom": {
            "seen": True,
            "suspected": False,
            "first": AFTER,
            "last": AFTER,
            "count": 4,
            "after_fix": True,
            "searched_from": "2008-06-01T00:00:00Z",
        },
        "verification": "not_attempted",
        "fixed_at": None,
        "evidence": [
            {
                "source": "registry",
                "where": r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup\VersionString",
                "expected": "3.0 SP1",
                "observed": "3.0 SP1 (3.1.6001.65)",
            },
            {"source": "file", "where": DLL["path"], "expected": "3.0 SP1", "observed": "3.0 SP1 (3.1.6001.65)"},
            {"source": "file", "where": DLL["path"], "expected": ">= 3.1.6001.66", "observed": "3.1.6001.65"},
            {"source": "log", "where": "x.log:1", "expected": "no such event", "observed": "..."},
        ],
    }


def test_used_by_stands_in_the_reason() -> None:
    assert "used by: configmgr2007)" in assess({**UNFIXED, "wsus.configmgr_32": ok("4.00.6221.1000")})["reason"]
    assert "used by: unknown)" in assess({**UNFIXED, "wsus.configmgr_32": DENIED})["reason"]


@pytest.mark.parametrize(
    ("reads", "verdict"),
    [
        ({}, ("not_applicable", "none", "not_attempted")),
        (FIXED, ("compliant", "none", "pending")),
        (UNFIXED, ("non_compliant", "apply_kb954960", "not_attempted")),
        (RTM, ("non_compliant", "apply_rtm_workaround", "not_attempted")),
        ({**RTM, **record()}, ("compliant", "none", "pending")),
        ({**FIXED, "954960.journal": ok("x")}, ("error", "apply_rtm_workaround", "not_attempted")),
        ({**FIXED, "954960.journal": DENIED}, ("unknown", "investigate", "not_attempted")),
        # What can be wrong with a record: closed, no JSON, no time, another action, deep nesting.
        ({**RTM, "954960.record": DENIED}, ("unknown", "investigate", "not_attempted")),
        ({**RTM, "954960.record": ok("2008-07-15 workaround")}, ("unknown", "investigate", "not_attempted")),
        ({**RTM, "954960.record": ok("[" * 900)}, ("unknown", "investigate", "not_attempted")),
        ({**RTM, "954960.record": ok('["apply_rtm_workaround"]')}, ("unknown", "investigate", "not_attempted")),
        ({**RTM, **record(time=None)}, ("unknown", "investigate", "not_attempted")),
        ({**RTM, **record("apply_kb954960")}, ("non_compliant", "apply_rtm_workaround", "not_attempted")),
    ],
)
def test_verdicts(reads: Reads, verdict: tuple[str, str, str]) -> None:
    assert short(assess(reads)) == verdict


def test_words_of_the_operator() -> None:
    assert short(assess(RTM, office_2003=False))[:2] == ("not_applicable", "none")
    assert short(assess(RTM, office_2003=True))[:2] == ("non_compliant", "apply_rtm_workaround")
    assert short(assess(RTM, rtm_strategy="upgrade"))[:2] == ("non_compliant", "upgrade_wsus")
    by_word = assess(RTM, office_2003=False)["evidence"]
    assert by_word == [
        {"source": "inventory", "where": "unblock_office_2003", "expected": "false", "observed": "false"}
    ]


@pytest.mark.parametrize(("name", "value"), [("rtm_strategy", "reinstall"), ("symptom_days", 0), ("symptom_days", 1e9)])
def test_words_that_the_operator_cannot_say(name: str, value: t.Any) -> None:
    with pytest.raises(ValueError, match=name):
        Inventory(**{"host": "wsus01", name: value})


TRUNCATED = {SERVER_LOG: log(truncated=True)}
OLDER = f"{SERVER_LOG}_older"


@pytest.mark.parametrize(
    "logs",
    [
        TRUNCATED,
        {SERVER_LOG: ABSENT},
        {SERVER_LOG: DENIED},
        {SERVER_LOG: {"state": "too_large", "path": "x", "size": 2**31}},
        {SERVER_LOG: {"state": "skipped", "why": "wsus.target_dir"}},
        {OLDER: DENIED},
        {OLDER: log(truncated=True)},
    ],
)
def test_a_log_that_was_not_read_to_its_end_proves_no_silence(logs: Reads) -> None:
    rtm = assess({**RTM, **record(), **logs})
    assert short(rtm) == ("unknown", "investigate", "pending")
    assert rtm["symptom"]["seen"] is None
    # On SP1 the version is the proof; that nothing came afterwards stays open.
    assert short(assess({**FIXED, **logs}, healthy_at=AFTER)) == ("compliant", "none", "pending")
    # A symptom that is there is there.
    assert short(assess({**RTM, **record(), **logs}, [event("server", last=AFTER)]))[2] == "contradicted"


def test_a_log_that_begins_after_the_fix() -> None:
    recorded, rolled = {**RTM, **record()}, "2008-07-20T00:00:00Z"
    # The fault comes again every day: a week of silence is enough to stay compliant, and no proof.
    assert short(assess(recorded, begins=rolled, healthy_at=AFTER)) == ("compliant", "none", "pending")
    assert short(assess({**FIXED}, begins=rolled, healthy_at=AFTER)) == ("compliant", "none", "pending")
    # Four days of silence are not, where the silence decides.
    late = "2008-07-28T00:00:00Z"
    unverified = assess(recorded, begins=late)
    assert short(unverified) == ("unknown", "investigate", "pending")
    assert unverified["evidence"][-1] == {
        "source": "log",
        "where": r"D:\Programme\Update Services\LogFiles\SoftwareDistribution.log",
        "expected": "reaches back to 2008-07-15T09:30:00Z",
        "observed": "begins at 2008-07-28T00:00:00Z",
    }
    assert assess(recorded, begins=None)["evidence"][-1]["observed"] == "no time at its beginning"
    assert short(assess(recorded, begins=late, symptom_days=3)) == ("compliant", "none", "pending")
    # On SP1 the version is the proof.
    assert short(assess(FIXED, begins=late)) == ("compliant", "none", "pending")
    assert "begins at" not in str(assess(FIXED)["evidence"])


def test_since_stands_in_the_place_of_what_the_host_shows() -> None:
    recorded = {**RTM, **record()}
    noon = "2008-07-25T12:00:00Z"
    found = assess(recorded, [event("server", last=AFTER)], since=noon)
    assert (short(found), found["fixed_at"]) == (("compliant", "none", "pending"), noon)
    assert short(assess(recorded, healthy_at=AFTER, since=noon))[2] == "pending"
    assert short(assess(recorded, healthy_at="2008-07-26T00:00:00Z", since=noon))[2] == "proven"
    assert short(assess(recorded, [event("server", last=BEFORE)], since="2008-07-01T00:00:00Z"))[2] == "contradicted"
    # It is no record: without one, nobody made the workaround.
    assert short(assess(RTM, since=noon)) == ("non_compliant", "apply_rtm_workaround", "not_attempted")
    assert assess(RTM, since=noon)["fixed_at"] is None


def test_a_replacement_that_waits_for_the_restart() -> None:
    new = rf"\??\{DLL['path']}.new"
    pending = {**UNFIXED, "wsus.pending_renames": ok([new, rf"!\??\{DLL['path']}"])}
    found = assess(pending)
    assert short(found) == ("fixed_pending_reboot", "none", "pending")
    assert "remediate_reboot=true" in found["next_step"]
    (entry,) = [entry for entry in found["evidence"] if entry["where"].endswith("PendingFileRenameOperations")]
    assert entry["observed"].startswith("true (") and new in entry["observed"]
    # The file that runs is the right one already: another replacement is no matter.
    assert short(assess({**FIXED, "wsus.pending_renames": pending["wsus.pending_renames"]}))[0] == "compliant"


def test_the_predecessor_of_a_log_may_be_missing_or_whole() -> None:
    assert short(assess({**RTM, **record(), OLDER: log()}))[0] == "compliant"
    assert short(assess({**RTM, **record(), OLDER: ABSENT}))[0] == "compliant"


@pytest.mark.parametrize(
    ("reads", "last", "status"),
    [
        # The file came on 15 July.
        (FIXED, BEFORE, "compliant"),
        (FIXED, AFTER, "non_compliant"),
        # Our own record is nearer to the truth than the file.
        ({**FIXED, **record("apply_kb954960", "2008-07-25T00:00:00Z")}, AFTER, "compliant"),
        # The workaround of earlier days is not the fix of today.
        ({**FIXED, **record(time="2008-07-01T00:00:00Z")}, BEFORE, "compliant"),
        # Unknown: then the last seven days before 1 August count.
        ({**FIXED, "wsus.client_dll": {**DLL, "created": None}}, AFTER, "compliant"),
        ({**FIXED, "wsus.client_dll": {**DLL, "created": None}}, "2008-07-26T00:00:00Z", "non_compliant"),
        ({**RTM, **record()}, BEFORE, "compliant"),
        ({**RTM, **record()}, AFTER, "non_compliant"),
    ],
)
def test_time_of_the_fix(reads: Reads, last: str, status: str) -> None:
    assessment = assess(reads, [event("server", last=last)])
    assert assessment["status"] == status
    assert assessment["verification"] == {"compliant": "pending", "non_compliant": "contradicted"}[status]


def test_proven_by_later_work() -> None:
    assert short(assess(FIXED, healthy_at=AFTER)) == ("compliant", "none", "proven")
    assert short(assess(FIXED, healthy_at=BEFORE)) == ("compliant", "none", "pending")
    assert short(assess({**RTM, **record()}, healthy_at=AFTER)) == ("compliant", "none", "proven")


def test_a_32_bit_probe_is_unknown_everywhere() -> None:
    for rule_id in ("954960", "954474"):
        assessment = assess({**FIXED, **SITE}, rule_id=rule_id, wow64=True)
        assert short(assessment) == ("unknown", "investigate", "not_attempted")
        assert assessment["evidence"][0]["where"] == "PROCESSOR_ARCHITEW6432"


def test_evidence_says_why_something_was_not_read() -> None:
    entries = assess({**UNFIXED, "wsus.client_dll": DENIED})["evidence"]
    assert entries[1] == {
        "source": "file",
        "where": r"{wsus.target_dir}\WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll",
        "expected": ">= 3.1.6001.66",
        "observed": "denied (-2147024891: Zugriff verweigert)",
    }


def test_evidence_of_absence_names_every_place() -> None:
    entries = assess({})["evidence"]
    assert {entry["where"].rsplit("\\", 1)[-1] for entry in entries} == {"VersionString", "InstallType", "WsusService"}
    assert {entry["observed"] for entry in entries} == {"absent"}


def test_evidence_of_silence_names_the_log() -> None:
    entries = assess({**RTM, **record()})["evidence"]
    assert entries[-1] == {
        "source": "log",
        "where": r"D:\Programme\Update Services\LogFiles\SoftwareDistribution.log",
        "expected": "false",
        "observed": "false",
    }


def test_evidence_is_bounded() -> None:
    events = [{**event("server", last=f"2008-07-20T08:00:{number:02}Z"), "excerpt": "x" * 9000} for number in range(50)]
    entries = [entry for entry in assess(UNFIXED, events)["evidence"] if entry["source"] == "log"]
    assert [len(entry["observed"]) for entry in entries] == [400] * 5


HOTFIX = {"configmgr.updates_32": tree(UPDATES + "\\SMS\\SP2\\KB954474\r\n")}
TOOL = {"configmgr.shares": tree("    PackageSrc    REG_MULTI_SZ    Path=F:\\ITMU\\PkgSource\r\n")}
SITE_LOG = {"954474.log.site": log(path=r"E:\SMS\Logs\wsyncmgr.log")}
CLIENTS = SmsClients(12, False, True)


@pytest.mark.parametrize(
    ("reads", "clients", "verdict"),
    [
        ({}, None, ("not_applicable", "none", "not_attempted")),
        (SITE, CLIENTS, ("not_applicable", "none", "not_attempted")),
        ({**SITE, **TOOL}, CLIENTS, ("non_compliant", "apply_kb954474", "not_attempted")),
        ({**SITE, **TOOL}, None, ("non_compliant", "apply_kb954474", "not_attempted")),
        ({**SITE, **TOOL}, SmsClients(0, False, True), ("not_applicable", "none", "not_attempted")),
        ({**SITE, **TOOL}, SmsClients(0, False, False), ("non_compliant", "apply_kb954474", "not_attempted")),
        ({**SITE, **TOOL, **HOTFIX}, CLIENTS, ("compliant", "none", "pending")),
        ({**SITE, **TOOL, **HOTFIX}, None, ("compliant", "none", "pending")),
        ({**SITE, **TOOL, "configmgr.updates": DENIED}, CLIENTS, ("unknown", "investigate", "not_attempted")),
    ],
)
def test_verdicts_of_954474(reads: Reads, clients: SmsClients | None, verdict: tuple[str, str, str]) -> None:
    assert short(assess(reads, rule_id="954474", clients=clients)) == verdict


@pytest.mark.parametrize(
    ("last", "verdict"),
    [
        (AFTER, ("compliant", "none", "pending")),
        ("2008-07-26T00:00:00Z", ("non_compliant", "investigate", "contradicted")),
    ],
)
def test_954474_without_a_time_of_the_fix_looks_at_the_last_days(last: str, verdict: tuple[str, str, str]) -> None:
    found = assess({**SITE, **TOOL, **HOTFIX, **SITE_LOG}, [event("site", last=last)], "954474", clients=CLIENTS)
    assert short(found) == verdict


def test_954474_proven() -> None:
    recorded = {"954474.record": ok(json.dumps({"action": "apply_kb954474", "time": "2008-07-15T09:30:00Z"}))}
    found = assess({**SITE, **TOOL, **HOTFIX, **SITE_LOG, **recorded}, (), "954474", AFTER, CLIENTS)
    assert short(found) == ("compliant", "none", "proven")


def test_both_advisories_can_apply_to_one_host() -> None:
    reads = {**UNFIXED, **SITE, **TOOL, "wsus.configmgr_32": ok("4.00.6221.1000"), "configmgr.service": service()}
    verdicts = [short(assess(reads, rule_id=rule_id, clients=CLIENTS))[1] for rule_id in ("954474", "954960")]
    assert verdicts == ["apply_kb954474", "apply_kb954960"]
