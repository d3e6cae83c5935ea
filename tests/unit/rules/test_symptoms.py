# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seen or suspected, before or after the fix, and when silence is an answer."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import (
    Event,
    Symptom,
    is_silent_since,
    summarise,
    verification,
)
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


def summed(
    events: t.Sequence[Event],
    searched: bool = True,
    fix: datetime.datetime | None = FIX,
    now: datetime.datetime | None = NOW,
    begins: str | None = "2008-06-01T00:00:00Z",
) -> Symptom:
    return summarise(events, fixed_at=fix, now=now, days=7, searched=searched, begins=parse_utc(begins))


def after_fix(events: t.Sequence[Event], searched: bool = True, fix: datetime.datetime | None = FIX) -> bool | None:
    return summed(events, searched, fix).after_fix


def test_nothing_found() -> None:
    assert summed([]).as_dict() == {
        "seen": False,
        "suspected": False,
        "first": None,
        "last": None,
        "count": 0,
        "after_fix": False,
        "searched_from": "2008-06-01T00:00:00Z",
    }


def test_nothing_found_in_what_was_not_read_to_its_end_is_unknown() -> None:
    symptom = summed([], searched=False)
    assert (symptom.seen, symptom.suspected, symptom.after_fix, symptom.searched_from) == (None, None, None, None)


def test_certain_events_count_and_others_do_not() -> None:
    events = [
        event("server", last=BEFORE, count=3),
        event("server", last=AFTER, count=2),
        event("client", last="2008-07-30T00:00:00Z", count=50),
    ]
    assert summed(events, searched=False).as_dict() == {
        "seen": True,
        "suspected": True,
        "first": BEFORE,
        "last": AFTER,
        "count": 5,
        "after_fix": True,
        "searched_from": None,
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
    symptom = summed(events)
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
    symptom = summed([event("server")], fix=None, now=None)
    assert (symptom.seen, symptom.after_fix) == (True, None)
    assert summed([], fix=None, now=None).after_fix is None


@pytest.mark.parametrize(
    ("begins", "fix", "silent", "whole"),
    [
        # The fix was on 15 July, the last seven days begin on 25 July.
        ("2008-07-15T09:30:00Z", FIX, False, True),
        ("2008-07-15T09:30:01Z", FIX, False, False),
        ("2008-07-25T10:00:00Z", FIX, False, False),
        ("2008-07-25T10:00:01Z", FIX, None, False),
        ("2008-07-31T00:00:00Z", FIX, None, False),
        (None, FIX, None, False),
        # A fix of this morning needs a log that is older.
        ("2008-08-01T05:00:00Z", parse_utc("2008-08-01T06:00:00Z"), False, True),
        ("2008-08-01T07:00:00Z", parse_utc("2008-08-01T06:00:00Z"), None, False),
        ("2008-07-25T10:00:00Z", None, False, False),
        ("2008-07-25T10:00:01Z", None, None, False),
    ],
)
def test_a_log_that_was_rolled_over_proves_no_silence_before_it_begins(
    begins: str | None, fix: datetime.datetime | None, silent: bool | None, whole: bool
) -> None:
    symptom = summed([], fix=fix, begins=begins)
    assert symptom.after_fix is silent
    assert is_silent_since(symptom.as_dict(), fix) is whole
    assert summed([event("server", last="2008-08-01T09:00:00Z")], fix=fix, begins=begins).after_fix is True


def test_what_an_older_result_does_not_say_proves_nothing() -> None:
    assert is_silent_since({"seen": False}, FIX) is False


@pytest.mark.parametrize(
    ("stated", "status", "silent", "fixed_at", "healthy_at", "word"),
    [
        ("", "non_compliant", False, None, None, "not_attempted"),
        ("", "unknown", False, None, None, "not_attempted"),
        ("", "not_applicable", False, FIX, parse_utc(AFTER), "not_attempted"),
        ("contradicted", "non_compliant", False, FIX, parse_utc(AFTER), "contradicted"),
        ("pending", "unknown", False, FIX, parse_utc(AFTER), "pending"),
        ("", "not_applicable", True, FIX, parse_utc(AFTER), "not_attempted"),
        ("pending", "fixed_pending_reboot", True, FIX, parse_utc(AFTER), "pending"),
        ("", "compliant", True, FIX, parse_utc(AFTER), "proven"),
        ("", "compliant", True, FIX, parse_utc(BEFORE), "pending"),
        ("", "compliant", True, FIX, None, "pending"),
        ("", "compliant", True, None, parse_utc(AFTER), "pending"),
        ("", "compliant", False, FIX, parse_utc(AFTER), "pending"),
    ],
)
def test_verification(
    stated: str,
    status: str,
    silent: bool,
    fixed_at: datetime.datetime | None,
    healthy_at: datetime.datetime | None,
    word: str,
) -> None:
    assert verification(stated, status, silent=silent, fixed_at=fixed_at, healthy_at=healthy_at) == word
