"""`netspec layers`: a list of all layers, or the arguments, inputs and outputs of one."""

from __future__ import annotations

import sys

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import answer, columns, style
from netspec.cli.setting_options import catalog
from netspec.elaborate import Catalog
from netspec.elaborate.custom_layers import OwnLayerError
from netspec.layer.categories import TITLES
from netspec.layers import OPS
from netspec.layers.other_names import Translation, translated
from netspec.layers.out_of_scope import OUT_OF_SCOPE
from netspec.reference.layer_guide import Guide, built_in, guide
from netspec.similar_words import closest


def run(args: ParsedArgs) -> int:
    """Print the list, or the page of one layer."""
    if len(args.operands) > 1:
        raise UsageError(
            "`netspec layers` explains one layer at a time", "write `netspec layers NAME`"
        )
    known = catalog(args)
    try:
        answer(_explained(args, known) if args.operands else _listed(args, known), args)
    except OwnLayerError as error:
        raise UsageError(error.message, error.help) from None
    return exit_codes.CLEAN


def _listed(args: ParsedArgs, known: Catalog) -> str:
    guides = [*built_in()]
    if own := _own(known):
        guides.append((TITLES["custom"], own))
    return _listed_as(guides, args)


def _listed_as(guides_by_category: list[tuple[str, list[Guide]]], args: ParsedArgs) -> str:
    if args.last("--format") == "json":
        from netspec.reference.layer_json import listed_json

        return listed_json(guides_by_category)
    from netspec.reference.layer_text import layer_list

    return layer_list(guides_by_category, columns(sys.stdout), style(args, sys.stdout))


def _own(known: Catalog) -> list[Guide]:
    return [guide(op, cls) for op in known.own() if (cls := known.find(op)) is not None]


def _explained(args: ParsedArgs, known: Catalog) -> str:
    (name,) = args.operands
    cls = known.find(name)
    if cls is None:
        return _translated(name, known, args)
    return _page(guide(name, cls), known, args)


def _page(layer_guide: Guide, known: Catalog, args: ParsedArgs) -> str:
    example = layer_guide.example(known)
    if args.last("--format") == "json":
        from netspec.reference.layer_json import explained_json

        return explained_json(layer_guide, example)
    from netspec.reference.layer_text import layer_description

    return layer_description(layer_guide, example, columns(sys.stdout), style(args, sys.stdout))


def _translated(name: str, known: Catalog, args: ParsedArgs) -> str:
    """The page of the layer that is called `name` elsewhere; of several, their list."""
    translation = translated(name)
    if translation is None or not translation.layers:
        raise _unknown(name, translation, known)
    called = [guide(op, cls) for op in translation.layers if (cls := known.find(op)) is not None]
    if len(called) > 1:
        return _listed_as([(f"`{name}`, depending on the number of dimensions", called)], args)
    (layer_guide,) = called
    remark = f", {translation.remark}" if translation.remark else ""
    print(f"`{name}` is `{layer_guide.op}` in netspec{remark}", file=sys.stderr)
    return _page(layer_guide, known, args)


def _unknown(name: str, translation: Translation | None, known: Catalog) -> UsageError:
    if name in OUT_OF_SCOPE:
        return UsageError(f"`{name}` of torch.nn is not a layer", OUT_OF_SCOPE[name])
    if translation is not None:
        return UsageError(f"`{name}` is not a layer", translation.remark)
    suggestion = closest(name, known.names())
    count = len(OPS)
    return UsageError(
        f"unknown layer `{name}`",
        f"did you mean `{suggestion}`?"
        if suggestion
        else (f"list all {count} layers with `netspec layers`"),
    )
