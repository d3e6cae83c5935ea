# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who synchronizes from whom: the trees, and where their boxes stand."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.hierarchy import Hierarchy, Node, hierarchy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostResult
from ansible_collections.unblock.updates.plugins.plugin_utils._report.picture import BOX_HEIGHT, BOX_WIDTH, draw
from tests.unit.report.samples import HOSTILE, assessment, failed, report, result


def _wsus(name: str, upstream: str | None = None, status: str = "compliant", **facts: t.Any) -> HostResult:
    wsus = {"installed": True, "version": "3.1.6001.66", "release": "3.0 SP1", "upstream_server": upstream, **facts}
    return result(name, assessment(status), wsus=wsus)


def _found(*results: HostResult) -> Hierarchy:
    return hierarchy(report(*results)["hosts"])


def _words(node: Node) -> t.Any:
    name = f"{node.name} ({node.note})" if node.note else node.name
    return (name, [_words(below) for below in node.below]) if node.below else name


def test_servers_stand_below_the_one_that_they_synchronize_from() -> None:
    found = _found(
        _wsus("leaf", "branch.corp.example", is_replica=True), _wsus("branch", "TOP."), _wsus("top", ""), _wsus("own")
    )
    assert [_words(tree) for tree in found.trees] == [("top", [("branch", ["leaf (replica)"])])]
    assert found.left_out == 1


def test_each_keeps_its_status() -> None:
    (tree,) = _found(_wsus("top", "", "non_compliant"), _wsus("leaf", "top", "unknown")).trees
    assert (tree.status, tree.below[0].status) == ("non_compliant", "unknown")


def test_a_server_outside_of_the_report_is_drawn_without_a_status() -> None:
    (tree,) = _found(_wsus("one", "Hub.example"), _wsus("two", "hub.example.")).trees
    assert _words(tree) == ("Hub.example (not in this report)", ["one", "two"])
    assert tree.status is None


def test_a_name_of_two_servers_is_none_of_them() -> None:
    (tree,) = _found(_wsus("hub.a.example"), _wsus("hub.b.example"), _wsus("leaf", "hub")).trees
    assert _words(tree) == ("hub (not in this report)", ["leaf"])


def test_hosts_without_wsus_have_no_place() -> None:
    found = _found(
        _wsus("top", ""), _wsus("gone", "top", installed=False), failed("lost"), _wsus("unsure", installed=None)
    )
    assert (found.trees, found.left_out) == ([], 1)


@pytest.mark.parametrize(
    ("upstreams", "expected"),
    [
        ({"a": "a"}, ["a (in a circle)"]),
        ({"a": "b", "b": "a"}, [("a (in a circle)", ["b"])]),
        ({"a": "b", "b": "c", "c": "b"}, [("b (in a circle)", ["a", "c"])]),
    ],
)
def test_a_circle_is_drawn_once(upstreams: dict[str, str], expected: list[t.Any]) -> None:
    found = _found(*(_wsus(name, upstream) for name, upstream in upstreams.items()))
    assert [_words(tree) for tree in found.trees] == expected
    assert found.left_out == 0


def _names(node: Node) -> list[str]:
    return [node.name, *(name for below in node.below for name in _names(below))]


def test_many_of_one_status_are_one_box() -> None:
    leaves = [_wsus(f"ok{number}", "top") for number in range(5)]
    leaves += [_wsus(f"bad{number}", "top", "non_compliant") for number in range(4)]
    (tree,) = _found(_wsus("top", ""), *leaves).trees
    assert [(node.name, node.status) for node in tree.below] == [
        *((f"bad{number}", "non_compliant") for number in range(4)),
        ("5 servers", "compliant"),
    ]


def test_a_chain_of_thousands_ends_in_one_box_of_the_worst_status() -> None:
    chain = [_wsus(f"s{number}", f"s{number - 1}" if number else "") for number in range(3_000)]
    (tree,) = _found(*chain, _wsus("last", "s2999", "fix_failed")).trees
    assert _words(tree) == ("s0", [("s1", [("s2", [("s3", [("s4", [("s5", ["2995 servers"])])])])])])
    node = tree
    while node.below:
        node = node.below[0]
    assert node.status == "fix_failed"


def test_a_fleet_of_ten_thousand_makes_a_bounded_picture() -> None:
    fleet = [_wsus("top", "")]
    for hub in range(1_000):
        fleet.append(_wsus(f"hub{hub}", "top"))
        fleet += [_wsus(f"leaf{hub}-{number}", f"hub{hub}") for number in range(4)]
    found = _found(*fleet)
    drawn = [name for tree in found.trees for name in _names(tree)]
    assert 200 < len(drawn) < 320
    assert found.left_out == 0
    assert sum(int(name.split()[0]) for name in drawn if name.endswith(" servers")) + sum(
        not name.endswith(" servers") for name in drawn
    ) == len(fleet)


def test_more_hierarchies_than_anybody_can_look_at_are_counted() -> None:
    pairs = [one for number in range(400) for one in (_wsus(f"a{number}", ""), _wsus(f"b{number}", f"a{number}"))]
    found = _found(*pairs)
    drawn = sum(len(_names(tree)) for tree in found.trees)
    assert drawn <= 301
    assert found.left_out == len(pairs) - drawn


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_are_one_line(text: str) -> None:
    (tree,) = _found(_wsus("leaf", text)).trees
    assert tree.name.isprintable()


def test_boxes_stand_in_columns_and_do_not_touch() -> None:
    tree = Node("top", "compliant")
    tree.below.extend([Node("a", "compliant"), Node("b", "unknown"), Node("c", None)])
    tree.below[1].below.extend([Node("b1", "compliant"), Node("b2", "compliant")])
    picture = draw(tree)
    places = {box.node.name: (box.x, box.y) for box in picture.boxes}
    assert places["top"][0] < places["a"][0] == places["b"][0] == places["c"][0] < places["b1"][0]
    assert places["a"][1] < places["b1"][1] < places["b2"][1] < places["c"][1]
    assert places["b"][1] == (places["b1"][1] + places["b2"][1]) // 2
    for one in picture.boxes:
        assert one.x + BOX_WIDTH <= picture.width and one.y + BOX_HEIGHT <= picture.height
        for other in picture.boxes:
            assert one is other or one.x != other.x or abs(one.y - other.y) > BOX_HEIGHT
    assert len(picture.lines) == 5
