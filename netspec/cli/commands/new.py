"""`netspec new`: a file of your own, begun from a network of the gallery."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from netspec.cli import exit_codes
from netspec.cli.options import ParsedArgs, UsageError
from netspec.cli.output import say
from netspec.cli.output_files import write
from netspec.gallery import GalleryEntry, gallery_folder, networks_by_name, suggested_name
from netspec.report.numbers import counted


def run(args: ParsedArgs) -> int:
    """Write the file, or list the gallery."""
    gallery = networks_by_name()
    if not gallery:
        raise UsageError(f"no networks in `{gallery_folder()}`", "install netspec again")
    if args.has("--list"):
        if args.operands:
            raise UsageError("`netspec new --list` takes no name", "remove the name, or `--list`")
        print(listing(gallery))
        return exit_codes.CLEAN
    entry = _chosen(args, gallery)
    target = args.last("--output", os.path.basename(entry.path))
    if not target:
        raise UsageError("`--output` names no file", "write `-o net.yaml`")
    if target == "-":
        print(entry.text, end="")
        return exit_codes.CLEAN
    return _start(entry, target, replace=args.has("--force"))


def listing(gallery: Mapping[str, GalleryEntry]) -> str:
    """Every network with the sentence that it begins with."""
    width = max(map(len, gallery))
    return "\n".join(f"{name:<{width}}  {entry.about}" for name, entry in gallery.items())


def _chosen(args: ParsedArgs, gallery: dict[str, GalleryEntry]) -> GalleryEntry:
    if len(args.operands) != 1:
        message = "requires a network" if not args.operands else "takes one network at a time"
        raise UsageError(f"`netspec new` {message}", "list all networks with `netspec new --list`")
    name = args.operands[0]
    entry = suggested_name(name, gallery)
    if entry is None:
        raise _unknown(name, gallery)
    if entry.name.endswith(f"/{name}"):
        _say_which(name, entry, gallery)
    return entry


def _say_which(name: str, entry: GalleryEntry, gallery: dict[str, GalleryEntry]) -> None:
    """Report that a short name is a network of a textbook, and how to get torchvision's."""
    print(f"this is `{entry.name}`: {entry.about}", file=sys.stderr)
    family = next((e for e in gallery.values() if e is not entry and name in e.presets), None)
    if family is not None:
        print(
            f"the torchvision network is a preset of `{family.name}`: write `netspec new "
            f"{family.name}`, then use the file with `--preset {name}`",
            file=sys.stderr,
        )


def _unknown(name: str, gallery: dict[str, GalleryEntry]) -> UsageError:
    from netspec.similar_words import closest

    for entry in gallery.values():
        if name in entry.presets:
            return UsageError(
                f"`{name}` is a preset of `{entry.name}`",
                f"write `netspec new {entry.name}`, then use the file with `--preset {name}`",
            )
    likely = closest(name, [*gallery, *(n.rpartition("/")[2] for n in gallery)])
    help = (
        f"did you mean `{likely}`?" if likely else ("list all networks with `netspec new --list`")
    )
    return UsageError(f"unknown network `{name}`", help)


def _start(entry: GalleryEntry, target: str, *, replace: bool) -> int:
    """Write the network and the files that it uses."""
    if os.path.isdir(target):
        target = os.path.join(target, os.path.basename(entry.path))
    texts = {target: entry.text}
    for used in entry.used:
        target_path = os.path.normpath(os.path.join(os.path.dirname(target), used))
        source = os.path.normpath(os.path.join(os.path.dirname(entry.path), used))
        with open(source, encoding="utf-8") as file:
            texts[target_path] = file.read()
    if not replace:
        for path, text in texts.items():
            _keep(path, text)
    for path, text in texts.items():
        write(path, text)
        say(f"{path}: {counted(text.count(chr(10)), 'line')}", stream=sys.stderr)
    return exit_codes.CLEAN


def _keep(path: str, text: str) -> None:
    """Reject a target that exists with different content."""
    if not os.path.lexists(path):
        return
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except (OSError, UnicodeDecodeError):
        pass
    raise UsageError(
        f"`{path}` already exists",
        "choose another file with `-o FILE`, or replace it with `--force`",
    )
