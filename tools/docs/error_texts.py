# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error texts of the product, read from its source: what the page on troubleshooting has to list.

An error is made where an exception is raised or returned, where a ``Problem`` is built or a problem noted, where a
change is said to have failed, and where a function is called that does so with a text that it was given. What a text
holds of values stands in angle brackets, by the name that the value has in the source.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_Function = ast.FunctionDef | ast.AsyncFunctionDef

#: Alternatives of one text beyond which the source is too clever for this reader.
_MOST_ALTERNATIVES = 16


@dataclasses.dataclass(frozen=True)
class ErrorText:
    """One error of the product.

    Attributes:
        kind: the exception or the function that carries it, such as ``HostError``.
        layer: the member of ``Layer`` that it names; empty if it names none.
        text: with values in angle brackets.
        next_step: what it tells to do; empty if it tells nothing.
        module: path of the source below ``plugins``.
    """

    kind: str
    layer: str
    text: str
    next_step: str
    module: str


@dataclasses.dataclass(frozen=True)
class _Maker:
    """What makes an error of its arguments: where among them text, next step and layer stand; None if nowhere."""

    kind: str
    text: int | None = None
    next_step: int | None = None
    layer: int | None = None
    fixed_layer: str = ""
    fixed_next_step: str = ""


_HOST_ERROR = _Maker("HostError", text=2, next_step=3, layer=0)
_MAKERS = {
    "HostError": _HOST_ERROR,
    **{kind: _Maker(kind, text=0, next_step=1) for kind in ("Problem", "PackageError", "UnverifiedError")},
}
#: What became of a change; the first argument says whether it is an error.
_REMEDY = _Maker("remedy", text=1, next_step=2)


class Source:
    """The Python files of a folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._modules = {
            path.relative_to(folder).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(folder.rglob("*.py"))
        }
        self._functions = {
            (Path(name).stem, node.name): node
            for name, tree in self._modules.items()
            for node in ast.walk(tree)
            if isinstance(node, _Function)
        }
        self._constants = {name: _constants(tree) for name, tree in self._modules.items()}
        self._shared = {name: value for found in self._constants.values() for name, value in found.items()}
        self._wrappers: dict[tuple[str, str], _Maker] = {}

    def errors(self) -> list[ErrorText]:
        """Every error text, in the order of the source; none twice."""
        while True:
            known = dict(self._wrappers)
            found = [error for name, tree in self._modules.items() for error in self._errors_of(name, tree)]
            if self._wrappers == known:
                return list(dict.fromkeys(found))

    def _errors_of(self, module: str, tree: ast.AST) -> Iterator[ErrorText]:
        for function in [node for node in ast.walk(tree) if isinstance(node, _Function)]:
            raised = {id(node.exc) for node in ast.walk(function) if isinstance(node, ast.Raise)}
            raised |= {id(node.value) for node in ast.walk(function) if isinstance(node, ast.Return)}
            for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
                maker = self._maker(module, call, id(call) in raised)
                if maker is not None:
                    yield from self._error(module, function, call, maker)

    def _maker(self, module: str, call: ast.Call, raised: bool) -> _Maker | None:
        name = _last_name(call.func)
        wrapper = self._wrappers.get((module, name))
        if wrapper is None and not name.startswith("_"):
            wrapper = next((maker for (dummy, public), maker in self._wrappers.items() if public == name), None)
        if wrapper or name in _MAKERS:
            return wrapper or _MAKERS[name]
        if ast.unparse(call.func).endswith("problems.append"):
            return _Maker("problems", text=0)
        if name == "_remedy" and call.args and isinstance(call.args[0], ast.Constant):
            return _REMEDY if call.args[0].value in ("failed", "skipped") else None
        if name == "fail_json" or (raised and re.search(r"(Error|Fail|File)$", name)):
            return _Maker(name)
        return None

    def _error(self, module: str, function: _Function, call: ast.Call, maker: _Maker) -> Iterator[ErrorText]:
        scope = _Scope(self, module, function, call)
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        expression = _at(arguments, maker.text) if maker.text is not None else scope.first_text(arguments)
        if expression is None:
            return
        step = _at(arguments, maker.next_step)
        layer = maker.fixed_layer or scope.layer(_at(arguments, maker.layer))
        parameter = scope.parameter_in(expression)
        if parameter is not None:
            self._wrappers[(module, function.name)] = _Maker(
                maker.kind,
                text=parameter,
                next_step=scope.parameter_in(step) if step is not None else None,
                layer=scope.parameter_in(_at(arguments, maker.layer)),
                fixed_layer=layer,
                fixed_next_step=maker.fixed_next_step or (scope.texts(step) or [""])[0],
            )
        steps = scope.texts(step) or [maker.fixed_next_step]
        texts = [text for text in scope.texts(expression) if _has_words(text)]
        if not texts and layer and parameter is None:
            texts = [_placeholder(expression)]
        for text in texts:
            yield ErrorText(
                maker.kind,
                layer,
                text,
                " Or: ".join(step if step.endswith(".") else f"{step}." for step in steps if step),
                module,
            )

    def constant(self, module: str, name: str) -> ast.expr | None:
        """What a module's constant, or one that it imports, is."""
        return self._constants[module].get(name) or self._shared.get(name)

    def function(self, module: str, called: ast.expr) -> _Function | None:
        """The function of the same module, or of the module that is named, if it returns text."""
        named = called.value if isinstance(called, ast.Attribute) else None
        stem = named.id if isinstance(named, ast.Name) and named.id != "self" else Path(module).stem
        found = self._functions.get((stem, _last_name(called)))
        return found if found and found.returns and "str" in ast.unparse(found.returns) else None


@dataclasses.dataclass(frozen=True)
class _Scope:
    """Expressions within one function, as texts."""

    source: Source
    module: str
    function: _Function
    call: ast.Call | None = None
    depth: int = 0

    def texts(self, expression: ast.expr | None) -> list[str]:
        """Every text that an expression may be; none if nothing of it is known."""
        return [" ".join(text.split()) for text in self._texts(expression)][:_MOST_ALTERNATIVES]

    def first_text(self, arguments: Sequence[ast.expr]) -> ast.expr | None:
        """The first argument that is a text, else the last one that the function was given itself."""
        texts = [each for each in arguments if any(map(_has_words, self.texts(each)))]
        given = [each for each in arguments if self.parameter_in(each) is not None]
        return texts[0] if texts else given[-1] if given else None

    def layer(self, expression: ast.expr | None) -> str:
        """The member of ``Layer`` that an expression is; empty if it is none."""
        is_member = isinstance(expression, ast.Attribute) and _last_name(expression.value) == "Layer"
        return t.cast(ast.Attribute, expression).attr if is_member else ""

    def parameter_in(self, expression: ast.expr | None) -> int | None:
        """The position, without ``self``, of the parameter that makes up an expression but for punctuation."""
        parts = expression.values if isinstance(expression, ast.JoinedStr) else [expression]
        names = [
            part.value.id if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name)
            else part.id if isinstance(part, ast.Name)
            else ""
            for part in parts
        ]  # fmt: skip
        parameters = [argument.arg for argument in self.function.args.args if argument.arg != "self"]
        found = [parameters.index(name) for name in names if name in parameters]
        return found[-1] if found and expression is not None and not _has_words(_literal(expression)) else None

    def _texts(self, expression: ast.expr | None) -> list[str]:
        match expression:
            case ast.Constant(value=str() as text):
                return [text]
            case ast.JoinedStr(values=values):
                return ["".join(map(self._part, values))]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [one + other for one, other in itertools.product(self._texts(left), self._texts(right))]
            case ast.IfExp(body=body, orelse=other):
                return [*self._texts(body), *self._texts(other)]
            case ast.BoolOp(values=values):
                return [text for value in values for text in self._texts(value)]
            case ast.Subscript(value=ast.Name(id="NEXT_STEPS"), slice=ast.Attribute(attr=member)):
                steps = t.cast(ast.Dict, self.source.constant(self.module, "NEXT_STEPS"))
                keys = [t.cast(ast.Attribute, key).attr for key in steps.keys]
                return self._texts(steps.values[keys.index(member)])
            case ast.Name(id=name):
                return self._name(name)
            case ast.Subscript(value=ast.Name(id=name)):
                return [text for value in self._appended(name) for text in self._texts(value)]
            case ast.Call(func=called) if self.depth < 2:
                function = self.source.function(self.module, called)
                inner = _Scope(self.source, self.module, function, depth=self.depth + 1) if function else None
                return [text for value in _returned(function) for text in inner._texts(value)] if inner else []
        return []

    def _name(self, name: str) -> list[str]:
        """What is assigned to a local variable, last before the call if that can be told; else a constant."""
        assigned = [node for node in ast.walk(self.function) if isinstance(node, ast.Assign) and name in _targets(node)]
        before = [node for node in assigned if node in self._before_the_call()]
        texts = self._texts(before[-1].value) if before else []
        if assigned:
            return texts or [text for node in assigned for text in self._texts(node.value)]
        constant = self.source.constant(self.module, name)
        return self._texts(constant) if isinstance(constant, ast.Constant | ast.JoinedStr | ast.BinOp) else []

    def _before_the_call(self) -> list[ast.stmt]:
        """The statements that precede the call in its own block."""
        found = [getattr(node, name, None) for node in ast.walk(self.function) for name in ("body", "orelse")]
        blocks: list[list[ast.stmt]] = [block for block in found if isinstance(block, list)]
        for block in reversed(blocks):
            for index, statement in enumerate(block):
                if any(node is self.call for node in ast.walk(statement)):
                    return block[:index]
        return []

    def _appended(self, name: str) -> list[ast.expr]:
        """What is appended to a local list."""
        calls = [node for node in ast.walk(self.function) if isinstance(node, ast.Call) and node.args]
        return [call.args[0] for call in calls if ast.unparse(call.func) == f"{name}.append"]

    def _part(self, part: ast.expr) -> str:
        """A part of an f-string: a value that is no constant is named by what it is called in the source."""
        if isinstance(part, ast.Constant):
            return str(part.value)
        value = t.cast(ast.FormattedValue, part).value
        name = _last_name(value)
        constant = self.source.constant(self.module, name) if name.strip("_").isupper() else None
        texts = self._texts(constant) if isinstance(constant, ast.Constant | ast.JoinedStr) else []
        return texts[0] if texts else _placeholder(value)


def _placeholder(value: ast.expr) -> str:
    """What stands for a value: what it, or what it is computed from, is called in the source."""
    while isinstance(value, ast.Call) and value.args:
        value = value.args[0]
    return f"<{_last_name(value).strip('_').lower() or '...'}>"


def _literal(expression: ast.expr) -> str:
    """The letters that stand in an expression itself."""
    parts = expression.values if isinstance(expression, ast.JoinedStr) else [expression]
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


def _has_words(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", re.sub(r"<[^<>]*>", "", text))) and " " in text


def _last_name(expression: ast.expr) -> str:
    match expression:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case ast.Subscript(value=value):
            return _last_name(value)
        case ast.Call(func=called):
            return _last_name(called)
    return ""


def _targets(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def _returned(function: _Function | None) -> list[ast.expr]:
    found = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)] if function else []
    return [value for value in found if value is not None]


def _constants(tree: ast.Module) -> Mapping[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _at(arguments: Sequence[ast.expr], index: int | None) -> ast.expr | None:
    return arguments[index] if index is not None and index < len(arguments) else None
