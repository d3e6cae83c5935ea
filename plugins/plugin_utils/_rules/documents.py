# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML files of which every value remembers its line.

PRIVATE to the collection: may change without notice.

Only what JSON can say is accepted: no anchors, no tags, no dates, no duplicate keys.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import re
import typing as t

import yaml

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.errors import RuleError

#: Bounds on one file. The collection's own largest one has a tenth of this.
MAX_BYTES = 256 * 1024
MAX_DEPTH = 20

Path = tuple[str | int, ...]


# Where PyYAML was built with libyaml, the loader that takes a ninth of the time.
class _JsonLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Resolves plain scalars as YAML 1.2 does for JSON: C(no) and C(2008-06-30) are texts."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"true|false", "tf"),
    ("tag:yaml.org,2002:null", r"null|", ["n", ""]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]{0,15})", "-0123456789"),
    ("tag:yaml.org,2002:float", r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,15}", "-0123456789"),
):
    _JsonLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))


@dataclasses.dataclass(frozen=True)
class Document:
    """A file's content with the lines that its values stand on."""

    file: str
    sha256: str
    data: t.Any
    lines: t.Mapping[Path, int]

    def error(self, path: t.Sequence[str | int], reason: str) -> RuleError:
        """The error to raise for the value at a path, or for the nearest value around it that has a line."""
        where = tuple(path)
        while where and where not in self.lines:
            where = where[:-1]
        return RuleError(self.file, self.lines.get(where, 1), reason)


def read_document(file: pathlib.Path) -> Document:
    """Reads a YAML file.

    Raises:
        RuleError: if it cannot be read, is too large, is not YAML, or uses more of YAML than JSON has.
    """
    name = str(file)
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise RuleError(name, 1, f"the file has more than {MAX_BYTES} bytes")
        text = raw.decode("utf-8")
    except OSError as exc:
        raise RuleError(name, 1, f"cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise RuleError(name, raw[: exc.start].count(b"\n") + 1, "is not UTF-8") from exc
    lines: dict[Path, int] = {}
    data = _Reader(name, lines).read(text)
    return Document(name, hashlib.sha256(raw).hexdigest(), data, lines)


class _Reader:
    """Turns the nodes of one file into plain data."""

    def __init__(self, file: str, lines: dict[Path, int]) -> None:
        self._file = file
        self._lines = lines

    def read(self, text: str) -> t.Any:
        try:
            self._refuse_more_than_json(text)
            loader = _JsonLoader(text)
            try:
                node = loader.get_single_node()
                return None if node is None else self._convert(loader, node, ())
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as exc:
            mark = exc.problem_mark or exc.context_mark
            raise RuleError(self._file, mark.line + 1 if mark else 1, f"is not YAML: {exc.problem}") from exc
        except (yaml.YAMLError, ValueError) as exc:
            raise RuleError(self._file, 1, f"is not YAML: {exc}") from exc

    def _refuse_more_than_json(self, text: str) -> None:
        """Looks at the events first: building nodes recurses, and an alias can grow a document without bound."""
        depth = 0
        for event in yaml.parse(text, Loader=_JsonLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise RuleError(self._file, line, f"is nested deeper than {MAX_DEPTH} levels")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
                raise RuleError(self._file, line, "anchors, aliases and tags are not allowed here")

    def _convert(self, loader: _JsonLoader, node: yaml.Node, path: Path) -> t.Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self._convert(loader, item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._convert_mapping(loader, node, path)
        return loader.construct_object(node)

    def _convert_mapping(self, loader: _JsonLoader, node: yaml.MappingNode, path: Path) -> dict[str, t.Any]:
        mapping: dict[str, t.Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = loader.construct_object(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                raise RuleError(self._file, line, "a key must be text: put it into quotation marks")
            if key in mapping:
                raise RuleError(self._file, line, f"the key '{key}' stands here a second time")
            where = (*path, key)
            self._lines[where] = line
            mapping[key] = self._convert(loader, value_node, where)
        return mapping
