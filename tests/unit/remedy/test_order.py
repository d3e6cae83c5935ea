# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a remedy run: who comes first, in which batches, and what makes an order impossible."""

from __future__ import annotations

import itertools
import random
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.hold import reason_to_hold
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.order import Member, OrderError, order_members


def server(name: str, upstream: str | None = None, **more: t.Any) -> Member:
    return Member(**{"name": name, "upstream": upstream, "treated": True, **more})


def test_upstream_servers_come_first_and_equals_stay_in_the_order_of_the_run() -> None:
    order = order_members([server("c", "b"), server("d"), server("b", "a"), server("a")])
    assert order.levels == [["d", "a"], ["b"], ["c"]]
    assert order.order == ["d", "a", "b", "c"]
    assert order.batches == [2, 1, 1]
    assert order.parents == {"c": ["b"], "d": [], "b": ["a"], "a": []}
    assert order.problems == order.notes == []


@pytest.mark.parametrize(
    "upstream",
    ["wsus-hq.example.com", "WSUS-HQ.EXAMPLE.COM.", "wsus-hq", "HQ-OLD", "10.0.0.5", "hq-old.example.com"],
)
def test_an_upstream_server_is_known_by_any_of_its_names(upstream: str) -> None:
    top = server("wsus-hq.example.com", aliases=("10.0.0.5", "HQ-OLD"))
    assert order_members([server("branch", upstream), top]).parents["branch"] == ["wsus-hq.example.com"]


@pytest.mark.parametrize("upstream", ["wsus-hq.example.org", "10.0.0.50", "wsus"])
def test_a_server_outside_of_the_run_is_a_note(upstream: str) -> None:
    order = order_members([server("branch", upstream), server("wsus-hq.example.com", aliases=("10.0.0.5",))])
    assert order.levels == [["branch", "wsus-hq.example.com"]]
    assert order.notes == [f"branch synchronizes from {upstream}, which is no host of this run."]


def test_two_domains_with_one_short_name_are_told_apart() -> None:
    tops = [server("wsus.a.example"), server("wsus.b.example")]
    assert order_members([*tops, server("x", "wsus.b.example")]).parents["x"] == ["wsus.b.example"]
    ambiguous = order_members([*tops, server("x", "WSUS")])
    assert "several hosts of this run (wsus.a.example, wsus.b.example)" in ambiguous.problems[0]
    assert ambiguous.order == []


def test_the_inventory_speaks_where_the_host_does_not() -> None:
    branch = server("branch", inventory_upstream="hq")
    assert order_members([branch, server("hq")]).levels == [["hq"], ["branch"]]


def test_a_host_that_synchronizes_from_microsoft_has_nobody_above_it() -> None:
    assert order_members([server("branch", ""), server("hq")]).levels == [["branch", "hq"]]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("hq", "other"),
        ("hq", "hq2"),
        ("", "hq"),
        ("hq", ""),
        ("nowhere", "elsewhere"),
        ("gone.a.example", "gone.b.example"),
    ],
)
def test_an_inventory_that_contradicts_the_host_is_a_problem(told: str, expected: str) -> None:
    order = order_members([server("branch", told, inventory_upstream=expected), server("hq"), server("other")])
    assert len(order.problems) == 1
    assert order.problems[0].startswith(f"branch synchronizes from {told or 'Microsoft Update'}, but by the inventory")
    assert order.order == order.batches == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [("HQ", "hq.example.com"), ("10.0.0.5", "hq"), ("10.9.9.9", "hq"), ("", ""), ("gone", "GONE.example.com")],
)
def test_two_names_for_one_server_are_no_contradiction(told: str, expected: str) -> None:
    hosts = [server("branch", told, inventory_upstream=expected), server("hq.example.com", aliases=("10.0.0.5",))]
    assert order_members(hosts).problems == []


def test_a_replica_that_the_inventory_takes_for_none_is_a_problem() -> None:
    order = order_members([server("branch", "hq", replica=True, inventory_replica=False), server("hq")])
    assert order.problems == [
        "branch is a replica, but by the inventory it is none. Correct unblock_wsus_replica, or the host."
    ]


def test_every_cycle_is_told() -> None:
    hosts = [server("a", "b"), server("b", "a"), server("self", "self"), server("x", "a"), server("y")]
    order = order_members(hosts)
    assert order.order == []
    told = " ".join(order.problems)
    assert "a -> b -> a" in told or "b -> a -> b" in told
    assert "self -> self" in told
    assert len(order.problems) == 2


def test_sites_of_configuration_manager_are_ordered_by_their_codes() -> None:
    hosts = [
        server("branch-site", site="B01", parent_site="P01"),
        server("primary-site", site="P01", parent_site="C01"),
        server("central-site", site="C01", parent_site=""),
        server("far-site", site="F01", parent_site="Z99"),
    ]
    order = order_members(hosts)
    assert order.levels == [["central-site", "far-site"], ["primary-site"], ["branch-site"]]
    assert order.notes == ["far-site belongs below site Z99, which no host of this run serves."]


def test_both_hierarchies_count_at_once() -> None:
    hosts = [server("b", "a", site="S1", parent_site="S0"), server("c", site="S0"), server("a", "c")]
    assert order_members(hosts).levels == [["c"], ["a"], ["b"]]
    crossed = [server("a", "b", site="S0"), server("b", site="S1", parent_site="S0")]
    assert len(order_members(crossed).problems) == 1


def test_two_servers_of_one_parent_site_are_a_problem() -> None:
    hosts = [server("x", site="S1"), server("y", site="S1"), server("z", site="S2", parent_site="S1")]
    assert "several hosts of this run say they serve (x, y)" in order_members(hosts).problems[0]


def test_a_host_that_needs_nothing_hands_on_those_above_it() -> None:
    hosts = [server("low", "middle"), server("middle", "top", treated=False), server("top")]
    order = order_members(hosts)
    assert order.levels == [["top"], ["low"]]
    assert order.parents == {"low": ["top"], "top": []}


def test_a_host_that_was_not_judged_stays_above_its_own() -> None:
    hosts = [server("low", "middle"), server("middle", "top", treated=False, judged=False), server("top")]
    order = order_members(hosts)
    assert order.levels == [["low", "top"]]
    assert order.parents["low"] == ["middle"]


@pytest.mark.parametrize(
    ("sizes", "canary", "batches"),
    [
        ([], 0, [10, 3]),
        ([4], 0, [4, 4, 2, 3]),
        (["30%"], 0, [3, 3, 3, 1, 3]),
        (["1%"], 3, [3, *[1] * 10]),
        ([1, "5", 100], 0, [1, 5, 4, 3]),
        ([], 1, [1, 9, 3]),
        ([2, 20], 1, [1, 2, 7, 3]),
        ([], 50, [10, 3]),
        ([0], 0, [10, 3]),
    ],
)
def test_batches_end_with_their_level(sizes: list[int | str], canary: int, batches: list[int]) -> None:
    hosts = [*(server(f"top{n}") for n in range(10)), *(server(f"low{n}", "top0") for n in range(3))]
    order = order_members(hosts, sizes, canary)
    assert order.batches == batches
    assert order.canary == [f"top{n}" for n in range(min(canary, 10))]


@pytest.mark.parametrize(
    ("sizes", "canary"), [(["many"], 0), ([-1], 0), (["-5%"], 0), ([1.5], 0), ([1], -1), ([None], 0)]
)
def test_a_size_that_is_none_is_refused(sizes: list[t.Any], canary: int) -> None:
    with pytest.raises(OrderError, match=r"number of hosts"):
        order_members([server("a")], sizes, canary)


def test_nothing_to_treat_is_no_batch() -> None:
    order = order_members([server("a", treated=False)], [2], 1)
    assert (order.order, order.batches, order.canary) == ([], [], [])


def test_in_any_forest_everybody_comes_after_all_above() -> None:
    for seed in range(200):
        generator = random.Random(seed)
        count = generator.randint(1, 30)
        names = [f"h{n}" for n in range(count)]
        hosts = [
            server(name, names[generator.randrange(n)] if n and generator.random() < 0.8 else None,
                   treated=generator.random() < 0.7)
            for n, name in enumerate(names)
        ]  # fmt: skip
        generator.shuffle(hosts)
        order = order_members(hosts, [generator.choice([1, 3, "25%"])], generator.randint(0, 2))
        upstream = {host.name: host.upstream for host in hosts}
        place = {name: batch for batch, name in _batch_of(order.order, order.batches)}
        assert set(place) == {host.name for host in hosts if host.treated}
        for name in place:
            above = upstream[name]
            while above is not None:
                assert place.get(above, -1) < place[name]
                above = upstream[above]


def _batch_of(names: list[str], batches: list[int]) -> t.Iterator[tuple[int, str]]:
    left = iter(names)
    for batch, size in enumerate(batches):
        for name in itertools.islice(left, size):
            yield batch, name
    assert list(left) == []


def hold(name: str, outcomes: dict[str, str], **more: t.Any) -> str:
    given: dict[str, t.Any] = {"parents": [], "canary": [], "hosts": 10, **more}
    return reason_to_hold(name, outcomes=outcomes, **given)


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ({"hq": "failed"}, "hq above it was not remedied"),
        ({"hq": "skipped"}, "hq above it was skipped"),
        ({}, "hq above it could not be judged"),
        ({"hq": "done", "other": "failed"}, ""),
    ],
)
def test_a_host_waits_for_those_above_it(outcomes: dict[str, str], words: str) -> None:
    reason = hold("branch", outcomes, parents=["hq"])
    assert reason.startswith(words) and bool(reason) == bool(words)


def test_a_canary_that_failed_stops_all_others() -> None:
    assert hold("b", {"a": "failed"}, canary=["a"]) == "a went ahead as canary and failed"
    assert hold("a", {"a": "failed"}, canary=["a"]) == ""
    assert hold("b", {"a": "done"}, canary=["a"]) == ""
    assert hold("b", {"a": "skipped"}, canary=["a"]) == "", "a host that was left alone says nothing of the fix"


@pytest.mark.parametrize(("failed", "allowed", "held"), [(3, 30, False), (4, 30, True), (1, 0, True), (0, 0, False)])
def test_more_failures_than_allowed_stop_the_rest(failed: int, allowed: float, held: bool) -> None:
    outcomes = {"done": "done", **{f"f{n}": "failed" for n in range(failed)}}
    assert bool(hold("x", outcomes, max_fail_percentage=allowed)) is held
