"""Railroad diagrams of a grammar, drawn from the rules that Lark itself reads from its file.

A rule becomes a diagram; a named pattern (SIZE, ARG) stays a box with its name, which the page
explains beside it; a terminal that is just text, such as `_CRLF`, is shown as that text, by
the names of its characters if they can't be seen. Colours are the page's own (`site.css`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import railroad
from lark import Tree
from lark.grammar import NonTerminal, Terminal
from lark.load_grammar import load_grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

railroad.INTERNAL_ALIGNMENT = "left"

#: Few fonts have control pictures, so these stand for what can't be seen.
_NAMES = {"\r": "CR", "\n": "LF", "\t": "TAB", " ": "SP", "\0": "NUL"}


@dataclass(frozen=True, slots=True)
class Grammar:
    """What can be drawn of one grammar file."""

    #: Rule name to its SVG.
    diagrams: Mapping[str, str]
    #: Names of terminals that are plain text, and that text made visible.
    texts: Mapping[str, str]


def draw(source: str) -> Grammar:
    """Draw every rule of a grammar's source."""
    grammar, _ = load_grammar(  # type: ignore[no-untyped-call]
        source, "grammar", [], global_keep_all_tokens=False
    )
    texts = {
        name: text
        for name, (tree, _) in grammar.term_defs
        if tree is not None and (text := _plain(tree)) is not None
    }
    diagrams = {str(name): _svg(_draw(tree, texts)) for name, _, tree, _ in grammar.rule_defs}
    return Grammar(diagrams, texts)


def _plain(tree: Tree[Any]) -> str | None:
    """The text of a terminal that is one quoted string, made visible."""
    literals = list(tree.find_data("literal"))
    if len(literals) != 1 or any(tree.find_data("expr")):
        return None
    token = str(literals[0].children[0])
    return _unquoted(token) if token.startswith('"') else None


def _unquoted(literal: str) -> str:
    text: str = ast.literal_eval(literal.removesuffix("i"))
    if all(character in _NAMES for character in text):
        return " ".join(_NAMES[character] for character in text)
    return text


def _draw(node: object, texts: Mapping[str, str]) -> railroad.DiagramItem:
    if isinstance(node, Tree):
        return _TREES[node.data](node.children, texts)
    if isinstance(node, Terminal):
        if node.name in texts:
            return railroad.Terminal(texts[node.name])
        return railroad.NonTerminal(node.name.lstrip("_"), f"#{anchor(node.name)}", cls="pattern")
    if isinstance(node, NonTerminal):
        return railroad.NonTerminal(node.name, f"#{anchor(node.name)}")
    raise TypeError(f"no diagram for {node!r}")


def _expansions(children: list[Any], texts: Mapping[str, str]) -> railroad.DiagramItem:
    drawn = [_draw(child, texts) for child in children]
    return drawn[0] if len(drawn) == 1 else railroad.Choice(0, *drawn)


def _expansion(children: list[Any], texts: Mapping[str, str]) -> railroad.DiagramItem:
    return railroad.Sequence(*[_draw(child, texts) for child in children])


def _alias(children: list[Any], texts: Mapping[str, str]) -> railroad.DiagramItem:
    item, name = children
    return railroad.Sequence(_draw(item, texts), railroad.Comment(f"→ {name.name}"))


def _expr(children: list[Any], texts: Mapping[str, str]) -> railroad.DiagramItem:
    item, operator, *_ = children
    kinds = {"?": railroad.Optional, "*": railroad.ZeroOrMore, "+": railroad.OneOrMore}
    return kinds[operator](_draw(item, texts))


def _value(children: list[Any], texts: Mapping[str, str]) -> railroad.DiagramItem:
    return _draw(children[0], texts)


def _literal(children: list[Any], texts: Mapping[str, str]) -> railroad.DiagramItem:  # noqa: ARG001
    return railroad.Terminal(_unquoted(str(children[0])))


#: What Lark's own tree of a rule is made of.
_TREES: dict[str, Callable[[list[Any], Mapping[str, str]], railroad.DiagramItem]] = {
    "expansions": _expansions,
    "expansion": _expansion,
    "alias": _alias,
    "expr": _expr,
    "value": _value,
    "literal": _literal,
}


def anchor(name: str) -> str:
    """Where on the page a rule or terminal stands."""
    kind = "terminal" if name.strip("_").isupper() else "rule"
    return f"{kind}-{name.strip('_').lower()}"


def _svg(item: railroad.DiagramItem) -> str:
    parts: list[str] = []
    railroad.Diagram(item, css=None).writeSvg(parts.append)
    return "".join(parts).replace("\n", "")
