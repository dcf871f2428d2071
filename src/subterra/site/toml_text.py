"""The site file as text: writing it with its explanations, finding the line of a key."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["key_line", "toml_text", "with_value"]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_\-."']+)\s*=""")
_WIDTH = 96


def toml_text(model: BaseModel) -> str:
    """Write a model as commented TOML.

    Parameters
    ----------
    model : pydantic.BaseModel
        Fields hold scalars, tuples of scalars, models, mappings of models or tuples of models.
        The description of a field and the first line of a model's docstring become comments;
        a field that is None or an empty tuple becomes a commented-out example.

    Returns
    -------
    str
        Text that parses to the same values.
    """
    return "\n".join(_table(model, ())).lstrip("\n") + "\n"


def _table(
    model: BaseModel, path: tuple[str, ...], header: str | None = None, *, explain: bool = True
) -> list[str]:
    lines: list[str] = []
    tables: list[str] = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        note = field.description or ""
        if _holds_tables(value):
            tables += _subtables(value, (*path, name))
            continue
        lines += _comment(note) if explain else []
        if value is None or (value == () and field.examples):
            example = (field.examples or [""])[0]
            lines.append(f"# {name} = {_value(example)}")
        else:
            lines.append(f"{name} = {_value(value)}")
    if header is not None:
        words = (type(model).__doc__ or "").strip().splitlines()
        title = _comment(words[0]) if words and explain else []
        lines = ["", *title, header, *lines]
    return lines + tables


def _subtables(value: Any, path: tuple[str, ...]) -> list[str]:
    """Write nested tables; of several of one sort only the first is explained."""
    dotted = ".".join(path)
    if isinstance(value, Mapping):
        named = cast("Mapping[str, Any]", value)
        items = [((*path, key), f"[{dotted}.{key}]", item) for key, item in named.items()]
    elif isinstance(value, tuple):
        models = cast("tuple[Any, ...]", value)
        items = [(path, f"[[{dotted}]]", item) for item in models]
    else:
        items = [(path, f"[{dotted}]", value)]
    return [
        line
        for k, (inner, header, item) in enumerate(items)
        for line in _table(item, inner, header, explain=k == 0)
    ]


def _holds_tables(value: Any) -> bool:
    if isinstance(value, tuple):
        items = cast("tuple[Any, ...]", value)
        return bool(items) and hasattr(items[0], "model_fields_set")
    return isinstance(value, Mapping) or hasattr(value, "model_fields_set")


def _comment(note: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(note, _WIDTH)]


def _value(value: Any) -> str:
    if isinstance(value, tuple | list):
        items = cast("Sequence[Any]", value)
        return "[" + ", ".join(_value(item) for item in items) + "]"
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in pairs) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON string is a basic string of TOML but for the delete character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def key_line(text: str, where: Sequence[str | int]) -> int | None:
    """Find the line of a key in TOML text, as well as lines can tell.

    Parameters
    ----------
    text : str
        TOML.
    where : sequence of str or int
        Names of tables, positions in arrays of tables and the key, from the root.

    Returns
    -------
    int or None
        The line, from 1, of the key; that of its table's header if the key is not there.
    """
    best, best_depth = None, 0
    table: tuple[str | int, ...] = ()
    seen: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found: tuple[str | int, ...]
        if header := _HEADER.match(line):
            names = _names(header.group(2))
            table = names
            if header.group(1) == "[[":
                seen[names] = seen.get(names, -1) + 1
                table = (*names, seen[names])
            found = table
        elif key := _KEY.match(line):
            found = (*table, *_names(key.group(1)))
        else:
            continue
        if len(found) > best_depth and tuple(where[: len(found)]) == found:
            best, best_depth = number, len(found)
    return best


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def with_value(text: str, table: str, key: str, value: Any) -> str:
    """Return TOML text in which one key of one table has a value; all else stays as it is.

    Parameters
    ----------
    text : str
        TOML as people edit it.
    table, key : str
        A table of the root and a key in it. A line ``# key = …`` in the table is an example and
        gives way; where neither stands the key comes first in the table, where there is no table
        it is made at the end.
    value : object
        A scalar or a sequence of scalars.

    Returns
    -------
    str
    """
    line = f"{key} = {_value(value)}"
    lines = text.splitlines()
    heads = {
        ".".join(_names(found.group(2))): number
        for number, content in enumerate(lines)
        if (found := _HEADER.match(content)) and found.group(1) == "["
    }
    if table not in heads:
        return "\n".join([*lines, "", f"[{table}]", line]) + "\n"
    start = heads[table]
    stop = next((n for n in range(start + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
    held = re.compile(rf"^\s*{re.escape(key)}\s*=")
    example = re.compile(rf"^\s*#\s*{re.escape(key)}\s*=")
    for pattern in (held, example):
        for number in range(start + 1, stop):
            if pattern.match(lines[number]):
                return "\n".join([*lines[:number], line, *lines[number + 1 :]]) + "\n"
    return "\n".join([*lines[: start + 1], line, *lines[start + 1 :]]) + "\n"
