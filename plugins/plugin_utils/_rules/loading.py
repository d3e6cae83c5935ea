# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and products from their files.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import functools
import os
import pathlib
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import SignatureError, compile_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._rules import checks
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import Document, Path, read_document
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import (
    Condition,
    FactSpec,
    Fix,
    FixTime,
    Installer,
    NotBefore,
    Product,
    Release,
    Row,
    Rule,
    RuleSet,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.record import record_reads
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.schema import check_document
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.versions import FourPart
from ansible_collections.unblock.updates.plugins.plugin_utils._schema import suggestion

_RULES = pathlib.Path(__file__).resolve().parents[2] / "rules"
_PRODUCTS = _RULES / "products"

#: Product files that no rule can be about.
_NOT_JUDGED = frozenset({"client", "host"})


def load_rules(extra_dirs: t.Sequence[str] = ()) -> RuleSet:
    """The collection's rules and those in the operator's own folders.

    A second call with the same folders costs nothing: files are read once in the life of a process.

    Args:
        extra_dirs: folders whose files C(*.yml) are rules (C(unblock_rule_dirs)).

    Raises:
        RuleError: for the first thing that is wrong in a file.
    """
    return _load(tuple(extra_dirs))


@functools.cache
def _load(extra_dirs: tuple[str, ...]) -> RuleSet:
    if not extra_dirs:
        products = {product.name: product for product in map(_load_product, sorted(_PRODUCTS.glob("*.yml")))}
        return _with_rules(RuleSet((), products), _RULES)
    return _with_rules(_load(extra_dirs[:-1]), pathlib.Path(extra_dirs[-1]))


def _with_rules(known: RuleSet, directory: pathlib.Path) -> RuleSet:
    """The set and the rules of one more folder."""
    if not os.path.isdir(directory):  # Path.is_dir raises an error for a name that is too long
        raise RuleError(str(directory), 1, "is not a folder")
    rules = {rule.id: rule for rule in known.rules}
    for file in sorted(directory.glob("*.yml")):
        rule, document = _load_rule(file, known.products)
        if rule.id in rules:
            raise document.error(("id",), f"rule '{rule.id}' is already defined in {rules[rule.id].file}")
        rules[rule.id] = rule
    return RuleSet(tuple(rules[rule_id] for rule_id in sorted(rules)), known.products)


def _load_product(file: pathlib.Path) -> Product:
    document = read_document(file)
    check_document(document, "product")
    data = document.data
    checks.check_unique(document, ("reads",), "id")
    checks.check_unique(document, ("facts",), "name")
    checks.check_reads(document, ("reads",))
    return Product(
        name=data["product"],
        reads=tuple(data["reads"]),
        facts={fact["name"]: _fact(fact) for fact in data["facts"]},
        releases=tuple(
            _release(document, ("releases", index), release) for index, release in enumerate(data.get("releases", ()))
        ),
    )


def _fact(data: t.Mapping[str, t.Any]) -> FactSpec:
    return FactSpec(
        name=data["name"],
        type=data["type"],
        values=tuple(data.get("values", ())),
        reads=tuple(data.get("reads", ())),
        source=data.get("source", ""),
        where=data.get("where", ""),
    )


def _release(document: Document, path: Path, data: t.Mapping[str, t.Any]) -> Release:
    start, below = FourPart.parse(data["from"]), FourPart.parse(data.get("below"))
    if start is None or ("below" in data and (below is None or below <= start)):
        raise document.error(path, f"release '{data['release']}' holds no version")
    return Release(data["release"], start, below, data.get("build"))


def _load_rule(file: pathlib.Path, products: t.Mapping[str, Product]) -> tuple[Rule, Document]:
    document = read_document(file)
    check_document(document, "rule")
    data = document.data
    known = sorted(set(products) - _NOT_JUDGED)
    if data["product"] not in known:
        raise document.error(("product",), f"unknown product '{data['product']}'{suggestion(data['product'], known)}")
    host, product = products["host"], products[data["product"]]
    specs = {**host.facts, **product.facts}
    _check_rule(document, specs, [read["id"] for read in (*host.reads, *product.reads)])
    rule = Rule(
        id=data["id"],
        version=data["version"],
        sha256=document.sha256,
        file=document.file,
        title=data["title"],
        product=data["product"],
        reads=record_reads(data["id"]),
        logs=data.get("logs", {}),
        fixed_at=tuple(FixTime(source["fact"], _conditions(source["when"])) for source in data.get("fixed_at", ())),
        expected=_conditions(data.get("expected", ())),
        decision=tuple(_row(row) for row in data["decision"]),
        fixes={fix["action"]: _fix(document, ("fix", index), fix) for index, fix in enumerate(data.get("fix", ()))},
    )
    return rule, document


def _check_rule(document: Document, specs: checks.Specs, ids: t.Sequence[str]) -> None:
    data = document.data
    for log, section in data.get("logs", {}).items():
        for key in ("paths", "older"):
            for index, path in enumerate(section.get(key, ())):
                checks.check_template(document, ("logs", log, key, index), path, ids)
    try:
        compile_signatures(data["id"], data.get("logs", {}))
    except SignatureError as exc:
        raise document.error(("logs",), str(exc)) from exc
    for index, source in enumerate(data.get("fixed_at", ())):
        checks.check_fact(document, ("fixed_at", index, "fact"), source["fact"], specs)
        checks.check_conditions(document, ("fixed_at", index, "when"), specs)
    if "expected" in data:
        checks.check_conditions(document, ("expected",), specs)
    checks.check_decision(document, specs)
    checks.check_fixes(document, specs)


def _conditions(data: t.Iterable[t.Mapping[str, t.Any]]) -> tuple[Condition, ...]:
    return tuple(Condition(condition["fact"], condition["op"], condition.get("value")) for condition in data)


def _row(data: t.Mapping[str, t.Any]) -> Row:
    return Row(
        id=data["id"],
        when=_conditions(data["when"]),
        status=data["status"],
        action=data["action"],
        reason=data["reason"],
        next_step=data["next_step"],
        verification=data.get("verification", ""),
    )


def _fix(document: Document, path: Path, data: t.Mapping[str, t.Any]) -> Fix:
    return Fix(
        action=data["action"],
        package=data["package"],
        architecture=data["architecture"],
        shows=tuple(data["shows"]),
        irreversible=data.get("irreversible", ""),
        not_before=_not_before(document, (*path, "not_before"), data["not_before"]) if "not_before" in data else None,
        exe=Installer(**data["exe"]),
        msi=Installer(**data["msi"]),
    )


def _not_before(document: Document, path: Path, data: t.Mapping[str, t.Any]) -> NotBefore:
    major, minor = map(int, data["kernel"].split("."))
    try:
        date = datetime.date.fromisoformat(data["date"])
    except ValueError as exc:
        raise document.error((*path, "date"), f"'{data['date']}' is no day: {exc}") from exc
    return NotBefore((major, minor), date, data["reason"])
