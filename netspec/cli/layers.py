"""`netspec layers`: what there is, and what one layer takes and gives."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.arguments import Given, UsageError
from netspec.cli.output import answer, columns, style
from netspec.cli.settings import catalog
from netspec.diagnostics import closest
from netspec.elaborate import Catalog
from netspec.elaborate.own_layers import OwnLayerError
from netspec.layers import families
from netspec.layers.other_names import Translation, translated
from netspec.layers.out_of_scope import OUT_OF_SCOPE
from netspec.render.layer_guide import Guide, built_in, guide


def run(given: Given) -> int:
    """Print the list, or the page of one layer."""
    if len(given.operands) > 1:
        raise UsageError(
            "`netspec layers` explains one layer at a time", "write `netspec layers NAME`"
        )
    known = catalog(given)
    try:
        answer(_explained(given, known) if given.operands else _listed(given, known), given)
    except OwnLayerError as error:
        raise UsageError(error.message, error.help) from None
    return exit_codes.CLEAN


def _listed(given: Given, known: Catalog) -> str:
    found = [*built_in()]
    if own := _own(known):
        found.append(("Your own", own))
    return _listed_as(found, given)


def _listed_as(found: list[tuple[str, list[Guide]]], given: Given) -> str:
    if given.last("--format") == "json":
        from netspec.render.layer_json import listed_json

        return listed_json(found)
    from netspec.render.layer_text import listed

    return listed(found, columns(sys.stdout), style(given, sys.stdout))


def _own(known: Catalog) -> list[Guide]:
    return [guide(op, cls) for op in known.own() if (cls := known.find(op)) is not None]


def _explained(given: Given, known: Catalog) -> str:
    (name,) = given.operands
    cls = known.find(name)
    if cls is None:
        return _translated(name, known, given)
    return _page(guide(name, cls), known, given)


def _page(found: Guide, known: Catalog, given: Given) -> str:
    example = found.example(known)
    if given.last("--format") == "json":
        from netspec.render.layer_json import explained_json

        return explained_json(found, example)
    from netspec.render.layer_text import explained

    return explained(found, example, columns(sys.stdout), style(given, sys.stdout))


def _translated(name: str, known: Catalog, given: Given) -> str:
    """The page of the layer that is called `name` elsewhere; of several, their list."""
    translation = translated(name)
    if translation is None or not translation.layers:
        raise _unknown(name, translation, known)
    called = [guide(op, cls) for op in translation.layers if (cls := known.find(op)) is not None]
    if len(called) > 1:
        return _listed_as([(f"`{name}`, by the number of axes", called)], given)
    (found,) = called
    remark = f", {translation.remark}" if translation.remark else ""
    print(f"`{name}` is `{found.op}` here{remark}", file=sys.stderr)
    return _page(found, known, given)


def _unknown(name: str, translation: Translation | None, known: Catalog) -> UsageError:
    if name in OUT_OF_SCOPE:
        return UsageError(f"`{name}` of torch.nn is no layer", OUT_OF_SCOPE[name])
    if translation is not None:
        return UsageError(f"`{name}` is no layer", translation.remark)
    meant = closest(name, known.names())
    count = len(families())
    return UsageError(
        f"there is no layer `{name}`",
        f"did you mean `{meant}`?" if meant else f"`netspec layers` lists all {count}",
    )
