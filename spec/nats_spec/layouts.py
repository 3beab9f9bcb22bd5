"""Hypothesis strategies: configurations, and the same configuration in other words.

`configurations` draws values that any server accepts, `layouts` a text that says
them: separators, comments, quotes, sizes, braces and JSON are drawn too, so two
texts of one value must mean the same (CLI-006). What may stand bare, the grammar says.

Leaves out variables and includes, which are more than another way to write a value.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from nats_spec import lalr

Tree = dict[str, Any]

#: Text that no escape is needed for, and some that one is.
TEXT = st.text(
    st.one_of(
        st.sampled_from("abcXYZ019_-.*>$:=#/'\\\" \t{}[](),;<&é€"),
        st.characters(codec="utf-8", categories=("L", "N", "P", "S")),
    ),
    min_size=1,
    max_size=12,
)
SUBJECTS = st.lists(st.sampled_from(["a", "b.c", "*.d", "x.>"]), min_size=1, max_size=3)
SIZES = st.one_of(
    st.integers(1, 5000),
    st.sampled_from([1000, 1024, 5000, 65536, 1_000_000, 1_048_576, 8_388_608]),
)
SUFFIXES = {"k": 1000, "kb": 1024, "Ki": 1024, "KIB": 1024, "m": 1000**2, "MB": 1024**2}
SWITCHES = {True: ("true", "yes", "on", "True", "ON"), False: ("false", "no", "off", "NO", "Off")}
ESCAPES = {"\n": r"\n", "\t": r"\t", "\r": r"\r", '"': r"\"", "\\": r"\\"}
#: What reads a word as text, whichever way.
STRINGS = {"BARE", "ITEM", "DIGITS", "ADDRESS", "HASH"}


def permissions() -> st.SearchStrategy[Tree]:
    """What a user may do."""
    side = st.one_of(SUBJECTS, st.fixed_dictionaries({"allow": SUBJECTS, "deny": SUBJECTS}))
    return st.fixed_dictionaries({}, optional={"publish": side, "subscribe": side})


def users() -> st.SearchStrategy[list[Tree]]:
    """Users of different names."""
    user = st.fixed_dictionaries(
        {"user": TEXT, "password": TEXT}, optional={"permissions": permissions()}
    )
    return st.lists(user, min_size=1, max_size=3, unique_by=lambda each: str(each["user"]))


def configurations() -> st.SearchStrategy[Tree]:
    """Values of options that servers of every release have."""
    authorization = st.fixed_dictionaries(
        {"users": users()},
        optional={"timeout": st.one_of(st.integers(1, 9), st.sampled_from([0.5, 2.25]))},
    )
    return st.fixed_dictionaries(
        {"max_payload": SIZES},
        optional={
            "server_name": TEXT.filter(lambda name: " " not in name),
            "max_pending": SIZES,
            "max_subscriptions": SIZES,
            "ping_max": st.integers(1, 9),
            "debug": st.booleans(),
            "trace": st.booleans(),
            "write_deadline": st.sampled_from(["10s", "300ms", "1h30m", "1.5s", "5m"]),
            "authorization": authorization,
        },
    )


@st.composite
def layouts(draw: st.DrawFn, tree: Tree) -> str:
    """A text that says what `tree` does."""
    if draw(st.integers(0, 4)) == 0:
        indent = draw(st.sampled_from([None, 0, 2]))
        return json.dumps(tree, ensure_ascii=False, indent=indent) + "\n"
    lead = draw(st.sampled_from(["", "\n", "# a file\n", "\r\n\r\n", "  // once: {\n\n"]))
    inner = entries(draw, tree, top=True)
    if draw(st.integers(0, 3)) == 0:
        inner = "{" + draw(st.sampled_from(["", " ", "\n"])) + inner + "\n}"
    return lead + inner + draw(st.sampled_from(["", "\n", "\n# done", " // done\n\n"]))


def entries(draw: st.DrawFn, tree: Tree, *, top: bool = False) -> str:
    """Keys and values, with what separates them."""
    pieces = []
    for key, value in draw(st.permutations(list(tree.items()))):
        name = draw(st.sampled_from([key, f'"{key}"', f"'{key}'"]))
        signs = [": ", " = ", ":", "=", "\t:\t", " ", "  "]
        sign = draw(st.sampled_from(signs if top else [*signs, ":\n", " =\n\n  "]))
        pieces.append(name + sign + said(draw, value, "BARE"))
    ends = ["\n", ",", ";", ", ", ";\n", "\n\n", " # why\n", " // a: b\n", ",\n# more\n", "\r\n"]
    return "".join(piece + draw(st.sampled_from(ends)) for piece in pieces[:-1]) + pieces[-1]


def said(draw: st.DrawFn, value: Any, bare: str) -> str:  # noqa: ANN401 - of any kind
    """One value; `bare` is what the grammar calls plain words in this place."""
    match value:
        case dict():
            pad = draw(st.sampled_from(["", " ", "\n", " # {\n"]))
            end = draw(st.sampled_from([" ", "\n", ",", " ;\n"])) if value else ""
            return "{" + pad + (entries(draw, value) if value else "") + end + "}"
        case list():
            pad = draw(st.sampled_from(["", " ", "\n", " # [\n"]))
            gaps = [",", ", ", "\n", ",\n", " // ]\n", ", # or\n"]
            items = [said(draw, item, "ITEM") for item in value]
            gap = "".join(item + draw(st.sampled_from(gaps)) for item in items[:-1])
            return (
                "[" + pad + gap + items[-1] + draw(st.sampled_from([" ", "\n", ",", "\n\n"])) + "]"
            )
        case bool():
            return draw(st.sampled_from(SWITCHES[value]))
        case int():
            sizes = [f"{value // by}{s}" for s, by in SUFFIXES.items() if not value % by]
            return draw(st.sampled_from([str(value), *sizes]))
        case float():
            return draw(st.sampled_from([f"{value}", f"{value}0"]))
        case _:
            return string(draw, value, bare)


def string(draw: st.DrawFn, text: str, bare: str) -> str:
    """Text: in either quotes, or bare if it can be."""
    escaped = "".join(ESCAPES.get(letter, letter) for letter in text)
    forms = [f'"{escaped}"', '"' + "".join(f"\\x{byte:02X}" for byte in text.encode()) + '"']
    if "'" not in text:
        forms.append(f"'{text}'")
    if can_be_bare(text, bare):
        forms.append(text)
    return draw(st.sampled_from(forms))


def can_be_bare(text: str, kind: str) -> bool:
    """Whether the grammar reads `text` as one plain word of itself, in that place."""
    before, after = (b"a = ", b"\n") if kind == "BARE" else (b"a [", b"\n]")
    try:
        node = lalr.parser("config").parse(before + text.encode() + after).children[0].children[1]
    except lalr.Unexpected:
        return False
    word = node if kind == "BARE" else node.children[0] if len(node.children) == 1 else None
    if word is None or word.data != "scalar" or b"\\" in word.children[0].value:
        return False
    return word.children[0].type in STRINGS and word.children[0].value == text.encode()
