"""Type hints of the reference, as the source says them, with links to what is documented.

Evaluated hints would show `Array` as NumPy's inner classes. A name that the reference has once is
linked to; one that it has not (NumPy's, the standard library's) stays plain text.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.inspect import stringify_annotation, stringify_signature

_SAID = {
    r"\bArray\b": "NDArray",
    r"\b(?:npt|np|collections\.abc|typing|random)\.(?=\w)": "",
}


def _plain(hints: str) -> str:
    for pattern, words in _SAID.items():
        hints = re.sub(pattern, words, hints)
    return hints


def _as_written(
    app: Any, what: str, name: str, thing: Any, options: Any, signature: str, returned: str
) -> tuple[str, str | None] | None:
    del app, name, options, returned
    if not signature or what not in ("function", "method", "class", "exception"):
        return None
    try:
        written = inspect.signature(thing)
    except (TypeError, ValueError):
        return None
    parameters = list(written.parameters.values())
    if what == "method" and parameters and parameters[0].name == "self":
        written = written.replace(parameters=parameters[1:])
    taken = _plain(stringify_signature(written, show_return_annotation=False))
    if what == "class" or written.return_annotation is inspect.Signature.empty:
        return taken, None
    return taken, _plain(stringify_annotation(written.return_annotation, "smart"))


def _found(app: Any, env: Any, node: Any, words: Any) -> Any:
    """Link a bare name of a signature to the one documented object of that name."""
    within = node.parent
    while within is not None and not isinstance(within, addnodes.desc_signature):
        within = within.parent
    if within is None or node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    objects = env.domains["py"].objects
    known = {
        (entry.docname, entry.node_id)
        for full, entry in objects.items()
        if full.rpartition(".")[2] == target and entry.objtype in ("class", "exception")
    }
    if len(known) != 1:
        return words
    page, anchor = known.pop()
    to = app.builder.get_relative_uri(node["refdoc"], page)
    return nodes.reference("", "", words, refuri=f"{to}#{anchor}", internal=True)


def setup(app: Any) -> dict[str, Any]:
    """Show hints as written, and look names up."""
    app.connect("autodoc-process-signature", _as_written)
    app.connect("missing-reference", _found)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
