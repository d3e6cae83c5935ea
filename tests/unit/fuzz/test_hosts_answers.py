# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties: whatever bytes a host sends, there is a result or the error that is meant for it, and never another.

The log reader has its own in ``tests/unit/logs/test_variants.py``.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import json
import typing as t

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.unblock.updates.plugins.module_utils import _soap
from ansible_collections.unblock.updates.plugins.plugin_utils._host import wql
from ansible_collections.unblock.updates.plugins.plugin_utils._host.anonymous import product_version
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.exchange import parse
from ansible_collections.unblock.updates.plugins.plugin_utils._host.frame import AnswerError
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import judge, reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.documents import read_document
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.lab.direct_shell import ask
from tests.lab.enemy import TEXTS, framed
from tests.lab.executors.simulated import SimulatedHost
from tests.lab.model import load_host
from tests.unit.host.fakes import HOSTS

NONCE = "0123456789abcdef" * 2
RULES = load_rules()
READS = reads_for(RULES)

short = settings(max_examples=150, deadline=None, derandomize=True, database=None,
                 suppress_health_check=[HealthCheck.too_slow])  # fmt: skip

texts = st.sampled_from(TEXTS) | st.text(max_size=40) | st.sampled_from(["3.1.6001.66", "-1", "1e999", "2008-06-30"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))


@functools.cache
def honest(model: str) -> dict[str, t.Any]:
    """What the probe answers on a host of the lab."""
    return ask(SimulatedHost(load_host(HOSTS / f"{model}.yml")), READS)


@short
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: b"".join(framed(text, NONCE))))
def test_any_output_of_a_probe(output: bytes) -> None:
    with pytest.raises(AnswerError):
        parse(output.decode("ascii", errors="replace"), READS, NONCE)


times = st.sampled_from(
    ["2008-07-15T18:30:00Z", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z", "2008-02-30T25:61:61Z"]
)
sizes = st.integers(-1, 2**60) | st.floats(0, 1e15)
#: What may stand in an answer to a read, and more; None is: nothing.
FIELDS: dict[str, st.SearchStrategy[t.Any]] = {
    "state": st.sampled_from(["ok", "absent", "denied", "error", "skipped", "too_large"]),
    "data": texts | sizes | st.lists(texts | st.integers(), max_size=3),
    "path": texts,
    "paths": st.lists(texts, max_size=3),
    "version": texts,
    "size": sizes,
    "free": sizes,
    "created": times,
    "modified": times,
    "head": texts,
    "lines": texts | st.just("1:2008-06-14 03:00:00.000 UTC\tError\r\n4294967296:\r\n"),
    "text": texts | st.just("\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\x\r\n    a    REG_SZ    b\r\n"),
    "truncated": st.booleans(),
    "status": st.sampled_from(["running", "stopped"]),
    "start": st.integers(0, 4),
    "error": st.fixed_dictionaries({"number": st.integers(), "message": texts}),
    "why": texts,
}
change = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda field: st.tuples(st.sampled_from(READS), st.just(field), st.none() | FIELDS[field] | values)
)


@short
@given(
    st.sampled_from(["wsus-sp1-contradicted", "cm-and-wsus", "wsus-rtm-workaround"]),
    st.lists(change, max_size=12),
    st.lists(st.sampled_from(READS), max_size=6),
)
def test_any_answer_of_a_probe_is_refused_or_judged(
    model: str, changes: list[tuple[dict[str, t.Any], str, t.Any]], emptied: list[dict[str, t.Any]]
) -> None:
    answer = copy.deepcopy(honest(model))
    for read in emptied:
        answer["reads"][read["id"]] = {"state": "ok"}
    for read, field, value in changes:
        answer["reads"][read["id"]].pop(field, None)
        if value is not None:
            answer["reads"][read["id"]] |= {"state": "ok", field: value}
    printed = b"".join(framed(json.dumps(answer), NONCE)).decode("ascii", errors="replace")
    try:
        believed = parse(printed, READS, NONCE)
    except AnswerError:
        return
    judged = judge(believed, RULES, Inventory("host"))
    assert judged.status in STATUSES
    json.dumps(judged.assessments, allow_nan=False)
    json.dumps([judged.os, judged.wsus, judged.configmgr, judged.events], allow_nan=False)


@short
@given(st.sampled_from(TEXTS), st.sampled_from(["wsus-sp1-contradicted", "cm-and-wsus"]))
def test_controls_of_a_terminal_do_not_pass(text: str, model: str) -> None:
    answer = copy.deepcopy(honest(model))
    answer["reads"]["os.computer_name"]["data"] = text
    believed = parse(b"".join(framed(json.dumps(answer), NONCE)).decode(), READS, NONCE)
    shown = t.cast(str, judge(believed, RULES, Inventory("host")).os["computer_name"])
    assert shown.isprintable()
    assert shown.replace("\ufffd", "") == "".join(filter(str.isprintable, text))


TAGS = ["s:Envelope", "s:Body", "s:Fault", "detail", "ErrorCode", "n:EnumerationContext", "w:Items", "i:ProductVersion"]
SPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    'xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" '
    'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"'
)
elements = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_characters="<&\r"), max_size=10)
    | st.sampled_from(["&x;", "&#1;", "]]>", "<"]),
    lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=3)).map(
        lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=8,
)
HEADS = [
    "", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-7"?>', '<?xml version="1.0" encoding="x"?>',
    '<?xml version="1.0" encoding="cp932"?>', '<!DOCTYPE a [<!ENTITY x "y">]>', "<! doctype a>", "\ufeff",
]  # fmt: skip
documents = st.binary(max_size=200) | st.tuples(st.sampled_from(HEADS), elements).map(
    lambda pair: f"{pair[0]}<s:Envelope {SPACES}><s:Body>{pair[1]}</s:Body></s:Envelope>".encode()
)


class Answering:
    """A shell whose host answers every request with the same."""

    host = "host"

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def request(self, resource_uri: str, action: str, body: str) -> bytes:
        return self._answer


@short
@given(documents)
@example(b'<?xml version="1.0" encoding="x-trap"?><a/>')
@example(b"<a>" * 20_000)
@example(b"<a>" * 20_000 + b"</a>" * 20_000)
def test_any_message_of_soap(document: bytes) -> None:
    shell = t.cast(Shell, Answering(document))
    with contextlib.suppress(HostError):
        assert wql.count(shell, "root/sms", "select", limit=3, max_requests=5).requests <= 5
    with contextlib.suppress(HostError):
        found = wql.first(shell, "root/cimv2", "select")
        assert found is None or all(isinstance(value, str) for value in found.values())
    version = product_version(document)
    assert version is None or isinstance(version, str)
    with contextlib.suppress(_soap.SoapError, _soap.SoapFault):
        _soap.parse(document)
        assert b"DOCTYPE" not in document, "it was read"


@short
@given(
    st.binary(max_size=200)
    | st.text(st.sampled_from("ab:-[]{}'\"|>&*!#%@?,0\n \t\x85\u2028é"), max_size=120).map(str.encode)
)
@example(b"[" * 100_000)
@example(b"a: &a [1]\nb: *a\n")
@example(b"? [a]\n: b\n")
@example(b"a: 1" + b"0" * 10_000)
@example(b"a: !!python/object/apply:os.system [id]\n")
@example(b"\xff\xfea\x00")
def test_any_file_of_rules(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzzed.yml"
    file.write_bytes(content)
    with contextlib.suppress(RuleError):
        json.dumps(read_document(file).data)


RULE = (HOSTS.parents[2] / "plugins" / "rules" / "954474.yml").read_text(encoding="utf-8").splitlines()


@settings(short, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, len(RULE) - 1), st.sampled_from(["drop", "twice", "deeper", "value"]), texts),
        min_size=1,
        max_size=4,
    )
)
def test_a_rule_with_damaged_lines(
    tmp_path_factory: pytest.TempPathFactory, damages: list[tuple[int, str, str]]
) -> None:
    lines = list(RULE)
    for number, kind, text in damages:
        line = lines[number]
        lines[number] = {
            "drop": "",
            "twice": f"{line}\n{line}",
            "deeper": f"  {line}",
            "value": f"{line.partition(':')[0]}: {json.dumps(text)}",
        }[kind]
    folder = tmp_path_factory.mktemp("rules")
    (folder / "damaged.yml").write_text("\n".join(lines).replace("954474", "1234567"), encoding="utf-8")
    try:
        load_rules([str(folder)])
    except RuleError as error:
        assert str(error).startswith(f"{folder / 'damaged.yml'}:")
