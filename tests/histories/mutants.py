# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of evidence with one thing wrong at a time: an operand left out, a comparison or branch turned
round.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.reforge.cloud.plugins.module_utils.decide import evidence, view
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Finding

Judge = Callable[..., Finding]
OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """Rules with something wrong: what it is, and what they say."""

    text: str
    judge: Judge


def mutants() -> Iterator[Mutant]:
    """All of them."""
    plain = ast.parse(_source(evidence))
    for name, tree in _variants(evidence):
        yield Mutant(name, _run(evidence, tree)["judge"])
    for name, tree in _variants(view):
        rules = _run(evidence, plain)
        rules["View"] = _run(view, tree)["View"]
        yield Mutant(name, rules["judge"])


def _source(module: types.ModuleType) -> str:
    return Path(module.__file__ or "").read_text(encoding="utf-8")


def _run(module: types.ModuleType, tree: ast.Module) -> dict[str, object]:
    names: dict[str, object] = {"__name__": module.__name__, "__package__": module.__package__}
    exec(compile(tree, module.__file__ or "", "exec"), names)
    return names


def _variants(module: types.ModuleType) -> Iterator[tuple[str, ast.Module]]:
    source, number = _source(module), 0
    while True:
        change = _Change(number)
        tree = ast.fix_missing_locations(change.visit(ast.parse(source)))
        if not change.text:
            return
        yield f"{module.__name__.rpartition('.')[2]}: {change.text}", tree
        number += 1


class _Change(ast.NodeTransformer):
    """Changes the place of a number, from 0; ``text`` says how, and stays empty where there is none."""

    def __init__(self, number: int) -> None:
        self._left, self.text = number, ""

    def _here(self, text: str) -> bool:
        self._left -= 1
        if self._left == -1:
            self.text = text
        return self._left == -1

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """Another operator, or one operand less."""
        self.generic_visit(node)
        if self._here(f"the other operator in {ast.unparse(node)}"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        for operand in list(node.values):
            if self._here(f"without {ast.unparse(operand)} in {ast.unparse(node)}"):
                rest = [other for other in node.values if other is not operand]
                return rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """The limit on the other side, or the opposite."""
        self.generic_visit(node)
        for number, operator in enumerate(node.ops):
            if self._here(f"the other operator {number} in {ast.unparse(node)}"):
                node.ops[number] = OTHER[type(operator)]()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """Without the negation."""
        self.generic_visit(node)
        negates = isinstance(node.op, ast.Not)
        return node.operand if negates and self._here(f"without not in {ast.unparse(node)}") else node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """The branches exchanged."""
        self.generic_visit(node)
        if self._here(f"the branches exchanged of {ast.unparse(node)}"):
            node.body, node.orelse = node.orelse, node.body
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Less in place of more, and the other way round."""
        self.generic_visit(node)
        sums = isinstance(node.op, (ast.Add, ast.Sub))
        if sums and self._here(f"the other sign in {ast.unparse(node)}"):
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return node
