# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties: whatever an operator writes, it is taken or refused by name, and nothing else happens."""

from __future__ import annotations

import contextlib
import datetime
import pathlib
import typing as t

import pytest
from ansible.errors import AnsibleActionFail
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.unblock.updates.plugins.plugin_utils._collected import read_collected
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import (
    operator_moment,
    operator_rules,
    operator_waivers,
    read_inventory,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.packages import (
    PackageError,
    PackageSpec,
    inspect,
    read_packages,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules

short = settings(max_examples=100, deadline=None, derandomize=True, database=None,
                 suppress_health_check=[HealthCheck.too_slow])  # fmt: skip

AWKWARD = [
    "two  words",
    "it's",
    'a"b',
    "a & b",
    "100%",
    "%TEMP%",
    "^",
    "!x!",
    "Größe 日本語",
    "x" * 300,
    "a\0b",
    "\udcff",
    "",
]
words = st.sampled_from(AWKWARD) | st.text(max_size=30)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.dates()
    | st.datetimes()
    | st.binary(max_size=5)
)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))
names = st.sampled_from(
    [
        "unblock_office_2003",
        "unblock_wsus_upstream",
        "unblock_wsus_replica",
        "unblock_symptom_days",
        "remediate_rtm_strategy",
    ]
)


@short
@given(st.dictionaries(names, values, min_size=1))
@example({"unblock_symptom_days": float("nan")})
@example({"unblock_symptom_days": "1e999"})
@example({"unblock_symptom_days": 10**400})
def test_any_value_of_a_variable(variables: dict[str, t.Any]) -> None:
    try:
        inventory = read_inventory(variables.get, "host")
    except AnsibleActionFail as error:
        assert any(name in str(error) for name in variables)
        return
    assert inventory.office_2003 in (True, False, None) and 0 < inventory.symptom_days <= 36500


@short
@given(values)
@example(["x" * 300])
@example(["a\0b"])
@example([pathlib.Path("/dev/null"), None])
def test_any_value_for_folders_of_rules(value: t.Any) -> None:
    with contextlib.suppress(AnsibleActionFail):
        operator_rules(None, {"unblock_rule_dirs": value}.get)
        assert not value


@short
@given(words | st.datetimes(timezones=st.timezones()).map(str))
@example("9999-12-31T23:59:59-12:00")
def test_any_text_for_a_moment(text: str) -> None:
    try:
        moment = operator_moment("since", text)
    except AnsibleActionFail as error:
        assert str(error).startswith(f"since: {text!r} is no time")
        return
    assert moment is None if not text else moment is not None and moment.tzinfo is datetime.timezone.utc


waiver = st.fixed_dictionaries(
    {},
    optional={
        "host": words | values,
        "advisory": words | values,
        "reason": words | values,
        "owner": words | values,
        "expires": st.dates() | st.just("2027-01-31") | values,
    },
)


@short
@given(values | st.lists(waiver, max_size=3))
@example([{"host": "h", "advisory": "954960", "reason": "r", "owner": "o", "expires": datetime.date.max}])
def test_any_value_for_waivers(value: t.Any) -> None:
    try:
        waivers = operator_waivers({"unblock_waivers": value}.get)
    except AnsibleActionFail as error:
        assert "unblock_waivers" in str(error)
        return
    assert len(waivers) == len(value or [])


entry = st.fixed_dictionaries(
    {"sha256": st.just("0" * 64) | values},
    optional={
        "path": words | values,
        "remote_path": words.map(lambda word: f"C:\\{word}") | values,
        "arguments": words | values,
        "log": words | values,
        "success_codes": st.lists(st.integers(0, 5000)) | values,
    },
)


@short
@given(values | st.fixed_dictionaries({"kb954960": st.fixed_dictionaries({"x64": entry})}))
def test_any_value_for_packages(value: t.Any) -> None:
    try:
        packages = read_packages(value)
    except PackageError as error:
        assert "unblock_packages" in error.problem.message and error.problem.next_step
        return
    for spec in packages.get("kb954960", {}).values():
        assert inspect(spec).problems


@pytest.mark.parametrize("name", AWKWARD)
def test_a_file_of_any_name_that_is_not_there_is_told(name: str) -> None:
    path = pathlib.Path("/nonexistent") / f"{name}.exe"
    (problem,) = inspect(PackageSpec("kb954960", "x64", "0" * 64, path=path)).problems
    assert "cannot be read on the controller" in problem.message
    with pytest.raises(HostError) as caught:
        read_collected(path, reads_for(load_rules()))
    assert caught.value.layer is Layer.COLLECTED
