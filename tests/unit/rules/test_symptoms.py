# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seen or suspected, before or after the fix, and when silence is an answer."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import Event, summarise, verification
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc

FIX = parse_utc("2008-07-15T09:30:00Z")
NOW = parse_utc("2008-08-01T10:00:00Z")
BEFORE, AFTER = "2008-07-10T08:00:00Z", "2008-07-20T08:00:00Z"
ID, OTHER_ID = "c0a7445f-b989-43fa-ac20-11f8ca65fa8c", "11111111-2222-3333-4444-555555555555"


def event(
    log: str, confidence: str = "certain", last: str | None = AFTER, ids: t.Sequence[str] = (), count: int = 1
) -> Event:
    return {
        "advisory": "954960",
        "log": log,
        "confidence": confidence,
        "first": last,
        "last": last,
        "count": count,
        "fault_ids": list(ids),
        "where": "x.log:1",
        "excerpt": "...",
    }


def after_fix(events: t.Sequence[Event], searched: bool = True, fix: datetime.datetime | None = FIX) -> bool | None:
    return summarise(events, fixed_at=fix, now=NOW, days=7, searched=searched).after_fix


def test_nothing_found() -> None:
    assert summarise([], fixed_at=FIX, now=NOW, days=7, searched=True).as_dict() == {
        "seen": False,
        "suspected": False,
        "first": None,
        "last": None,
        "count": 0,
    }


def test_nothing_found_in_what_was_not_read_to_its_end_is_unknown() -> None:
    symptom = summarise([], fixed_at=FIX, now=NOW, days=7, searched=False)
    assert (symptom.seen, symptom.suspected, symptom.after_fix) == (None, None, None)


def test_certain_events_count_and_others_do_not() -> None:
    events = [
        event("server", last=BEFORE, count=3),
        event("server", last=AFTER, count=2),
        event("client", last="2008-07-30T00:00:00Z", count=50),
    ]
    assert summarise(events, fixed_at=FIX, now=NOW, days=7, searched=False).as_dict() == {
        "seen": True,
        "suspected": True,
        "first": BEFORE,
        "last": AFTER,
        "count": 5,
    }


@pytest.mark.parametrize(
    ("events", "seen", "suspected"),
    [
        ([event("server")], True, False),
        ([event("site")], True, False),
        ([event("server", "possible")], False, True),
        # A client alone; with its fault id in the server's log; with another one there.
        ([event("client", ids=[ID])], False, True),
        ([event("client", ids=[ID]), event("server", "possible", ids=[ID])], True, True),
        ([event("client", ids=[ID]), event("server", "possible", ids=[OTHER_ID])], False, True),
        ([event("client"), event("server", "possible")], False, True),
    ],
)
def test_seen_and_suspected(events: list[Event], seen: bool, suspected: bool) -> None:
    symptom = summarise(events, fixed_at=FIX, now=NOW, days=7, searched=True)
    assert (symptom.seen, symptom.suspected) == (seen, suspected)


@pytest.mark.parametrize(
    ("events", "searched", "result"),
    [
        ([], True, False),
        ([], False, None),
        ([event("server", last=BEFORE)], True, False),
        ([event("server", last=BEFORE)], False, None),
        ([event("server", last=AFTER)], True, True),
        ([event("server", last=AFTER)], False, True),
        ([event("server", last="2008-07-15T09:30:00Z")], True, False),
        # What cannot be put before or after leaves the question open.
        ([event("server", last=None)], True, None),
        ([event("server", last="2008-07-10T08:00:00")], True, None),
        ([event("server", last=None), event("server", last=AFTER)], True, True),
        ([event("server", "possible", last=AFTER)], True, None),
        ([event("server", "possible", last=BEFORE)], True, False),
        # A client's error has other causes, and the server's log would show this one.
        ([event("client", last=AFTER, ids=[ID])], True, False),
        ([event("client", last=AFTER, ids=[ID]), event("server", "possible", last=AFTER, ids=[ID])], True, True),
    ],
)
def test_after_the_fix(events: list[Event], searched: bool, result: bool | None) -> None:
    assert after_fix(events, searched) is result


@pytest.mark.parametrize(
    ("last", "result"), [("2008-07-24T10:00:00Z", False), ("2008-07-25T10:00:01Z", True), (BEFORE, False)]
)
def test_without_a_time_of_the_fix_the_last_days_count(last: str, result: bool) -> None:
    assert after_fix([event("server", last=last)], fix=None) is result


def test_without_any_clock_an_event_is_neither_before_nor_after() -> None:
    symptom = summarise([event("server")], fixed_at=None, now=None, days=7, searched=True)
    assert (symptom.seen, symptom.after_fix) == (True, None)


@pytest.mark.parametrize(
    ("stated", "status", "silent", "fixed_at", "healthy_at", "word"),
    [
        ("", "non_compliant", False, None, None, "not_attempted"),
        ("", "unknown", False, None, None, "not_attempted"),
        ("", "not_applicable", False, FIX, parse_utc(AFTER), "not_attempted"),
        ("contradicted", "non_compliant", True, FIX, parse_utc(AFTER), "contradicted"),
        ("pending", "unknown", None, FIX, parse_utc(AFTER), "pending"),
        ("", "compliant", False, FIX, parse_utc(AFTER), "proven"),
        ("", "compliant", False, FIX, parse_utc(BEFORE), "pending"),
        ("", "compliant", False, FIX, None, "pending"),
        ("", "compliant", False, None, parse_utc(AFTER), "pending"),
        ("", "compliant", None, FIX, parse_utc(AFTER), "pending"),
    ],
)
def test_verification(
    stated: str,
    status: str,
    silent: bool | None,
    fixed_at: datetime.datetime | None,
    healthy_at: datetime.datetime | None,
    word: str,
) -> None:
    assert verification(stated, status, after_fix=silent, fixed_at=fixed_at, healthy_at=healthy_at) == word
