"""Every command that the documentation names is one of the real ones."""

from __future__ import annotations

import re
import shlex

import pytest
import typer
from docs_pages import DOCS, READ_ALONE, ROOT, blocks, mentions

from subterra.cli import main
from subterra.cli.app import build_app

GROUP = typer.main.get_command(build_app())
VERBS = GROUP.commands
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
_VERB = re.compile(r"[a-z]+")


def ids(page):
    return str(page.relative_to(ROOT))


def options_of(verb: str) -> set[str]:
    params = VERBS[verb].params
    return {"--help", *(o for p in params for o in (*p.opts, *p.secondary_opts))}


@pytest.mark.parametrize("page", READ_ALONE, ids=ids)
def test_verbs_and_options_exist(page):
    for said in mentions(page):
        if not (named := _VERB.match(said)):
            continue
        # ``a|b SITE`` names several verbs.
        for verb in said.split()[0].split("|"):
            assert verb in VERBS, f"{page.name}: subterra {said}"
        unknown = set(_OPTION.findall(said.split("#")[0])) - options_of(named[0])
        assert not unknown, f"{page.name}: subterra {said}: no {unknown}"


@pytest.mark.parametrize("page", READ_ALONE, ids=ids)
def test_commands_to_type_are_complete(page):
    """Arguments are there and of the right type; nothing is run."""
    for block in blocks(page):
        for command in block.commands:
            verb, *arguments = shlex.split(command)
            VERBS[verb].make_context(verb, arguments)


def test_every_verb_is_told_somewhere():
    told = {said.split()[0] for page in DOCS.rglob("*.md") for said in mentions(page)}
    assert set(VERBS) <= told


@pytest.mark.parametrize("verb", [*VERBS, None])
def test_help_speaks_of_no_type_and_is_not_cut_off(verb, capsys):
    assert main(["--help"] if verb is None else [verb, "--help"]) == 0
    said = capsys.readouterr().out
    assert not re.search(r"<[a-z\[]|{[A-Z]|\[\[", said)
    listed = said[said.index("Commands:") :] if verb is None else said
    assert "..." not in re.sub(r"[A-Z]\.\.\.", "", listed)


def test_the_check_can_fail():
    assert "--no-such-option" not in options_of("infer")
    assert _OPTION.findall("infer SITE [--scenes 4096] --no-such-option x") == [
        "--scenes",
        "--no-such-option",
    ]
    with pytest.raises(typer.BadParameter):
        VERBS["infer"].make_context("infer", ["site", "--scenes", "many"])
