"""Actions that change the network: each asks what it needs, and is a structural edit."""

from __future__ import annotations

from collections.abc import Callable

from netspec.assist.symbols import RenameError, rename
from netspec.check import check_text
from netspec.edit import Address, Draft, EditError, entry_edits, step_operations, wrap
from netspec.edit.address import steps_at, walked
from netspec.edit.scalar_text import Data
from netspec.edit.step_inputs import base_name, reads
from netspec.fix import spliced
from netspec_tui.core import calls
from netspec_tui.core.calls import CallError
from netspec_tui.dialogs.choose import Choice, Choose, Chosen
from netspec_tui.dialogs.prompt import Prompt
from netspec_tui.screens.base import Base

Change = Callable[[Draft, str, dict[str, Data]], None]
"""An edit that wants an op and its arguments."""

_JOINS = ("Add", "Concat", "Mul", "Sub", "Div", "MatMul", "Maximum", "Minimum", "Stack")


class Editing(Base):
    """Add, insert, branch, join, connect, delete, rename, move, group, and the forms."""

    # ---- ops --------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        """A step after this one; the first one of an empty file."""
        try:
            address = self._where_to_add()
        except EditError as error:
            self.complain(str(error))
            return
        if address is None:
            self._pick(
                "Add the first step",
                "add",
                lambda d, op, a: step_operations.add_first(d, "", op, a),
            )
        else:
            self._pick(
                "Add after it", "add", lambda d, op, a: step_operations.add_after(d, address, op, a)
            )

    def _where_to_add(self) -> Address | None:
        self.catch_up()
        row = self.row
        spec = (
            Draft(self.session.text, self.session.path).spec
            if not self.session.text.strip()
            else self.spec
        )
        if row is None or row.step is None:
            first = row is None or row.box.kind == "input"
            count = len(steps_at(spec, ""))
            return None if first or not count else Address("", (count - 1,))
        return self.address(row)

    def action_insert(self) -> None:
        """A step on the way into this one; of several ways the one that is chosen."""

        def pick(address: Address, edge: int) -> None:
            self._pick(
                "Insert before it",
                "insert",
                lambda d, op, a: step_operations.insert_before(d, address, op, a, edge),
            )

        self._with_edge("Insert on the way from", pick)

    def action_branch(self) -> None:
        """A second way that begins here."""
        if (address := self.here()) is not None:
            self._pick(
                "Branch off",
                "branch",
                lambda d, op, a: step_operations.branch_from(d, address, op, a),
            )

    def action_change_op(self) -> None:
        """Another op for this step."""
        if (address := self.here()) is not None:
            self._pick("Another op", "op", lambda d, op, _: entry_edits.set_op(d, address, op))

    def _pick(self, title: str, label: str, change: Change) -> None:
        """Let an op be chosen, with the shape that would come out, and make the edit."""
        snapshot = self.snapshot
        spec = snapshot.report.spec if snapshot is not None else None
        offers = calls.offers(spec, self.session.request.catalog)
        choices = [Choice(o.op, o.detail) for o in offers]
        positions = {id(o): k for k, o in enumerate(offers)}

        def typed_arguments(typed: str) -> str:
            return typed.strip().partition(" ")[2]

        def finder(query: str) -> list[int]:
            return [positions[id(o)] for o in calls.matching(query, offers)]

        def preview(index: int, typed: str) -> str:
            op = offers[index].op
            try:
                arguments = calls.arguments(op, typed_arguments(typed), spec)
                draft = Draft(self.session.text, self.session.path)
                change(draft, op, arguments)
            except (CallError, EditError) as error:
                return f"{calls.sentence(op)}\n✗ {error}"
            return f"{calls.sentence(op)}\n{self._outcome(draft)}"

        def chosen(answer: Chosen) -> None:
            op = offers[answer.index].op
            try:
                arguments = calls.arguments(op, typed_arguments(answer.typed), spec)
            except CallError as error:
                self.complain(str(error))
                return
            self.edit(f"{label} {op}", lambda d: change(d, op, arguments))

        self.ask(
            Choose(
                title, choices, placeholder="Conv2d 64 3 stride=2", finder=finder, preview=preview
            ),
            chosen,
        )

    def _outcome(self, draft: Draft) -> str:
        """What would come of a draft: the shape of the step that it selects, or the first new error."""
        report = self.checker()(draft.text)
        before = self.snapshot.report.errors if self.snapshot is not None else ()
        known_messages = {d.message for d in before}
        fresh = [d for d in report.errors if d.message not in known_messages]
        if fresh:
            return "\n".join([f"✗ {fresh[0].message}", *fresh[0].notes[:2]])
        if report.graph is None or draft.selected is None or report.spec is None:
            return ""
        step = draft.step(draft.selected)
        node = next(
            (
                n
                for n in report.graph.nodes
                if n.step is not None and n.step.place.start == step.place.start
            ),
            None,
        )
        if node is None or not node.outputs or node.outputs[0].shape is None:
            return ""
        came = ", ".join(f"[{', '.join(map(str, v.shape or ()))}]" for v in node.inputs)
        return f"{came} → [{', '.join(map(str, node.outputs[0].shape))}]"

    # ---- two steps --------------------------------------------------------------------------------------

    def action_join(self) -> None:
        """What this step and another one give, by an op that is chosen with what would come of it."""
        address = self.here()
        if address is None:
            return
        marked = [a for a in self._marked() if a != address]
        if len(marked) == 1:
            self._join(marked[0], address)
            return
        others = self._others(address)
        if not others:
            self.complain("there is no other step to join it with")
            return
        choices = [Choice(name, detail) for name, detail, _ in others]
        self.ask(Choose("Join with", choices), lambda c: self._join(others[c.index][2], address))

    def _join(self, first: Address, second: Address) -> None:
        spec = self.spec

        def joined(op: str, *, lead: bool = False) -> Callable[[Draft], None]:
            arguments = calls.arguments(op, "", spec) if op == "Stack" else {}
            return lambda d: step_operations.join(d, first, second, op, arguments, lead=lead)

        def preview(index: int, _: str) -> str:
            draft = Draft(self.session.text, self.session.path)
            try:
                joined(_JOINS[index])(draft)
            except EditError as error:
                return f"✗ {error}"
            return f"{calls.sentence(_JOINS[index])}\n{self._outcome(draft)}"

        def chosen(answer: Chosen) -> None:
            op = _JOINS[answer.index]
            others = self._readers(first, second)
            if not others:
                self.edit(f"join by {op}", joined(op))
                return
            choices = [Choice("only what comes next"), Choice("also " + "; ".join(others))]
            self.ask(
                Choose("Who reads it?", choices),
                lambda c: self.edit(f"join by {op}", joined(op, lead=c.index == 1)),
            )

        self.ask(Choose("Join by", [Choice(op) for op in _JOINS], preview=preview), chosen)

    def _readers(self, first: Address, second: Address) -> list[str]:
        try:
            return step_operations.readers(
                Draft(self.session.text, self.session.path), first, second
            )
        except EditError:
            return []

    def _others(self, address: Address) -> list[tuple[str, str, Address]]:
        """Earlier steps that a step may read: those of its list, and of the lists around it."""
        candidates = []
        for other, step in walked(self.spec):
            around = other.way[:-1]
            inside = len(around) < len(address.way) and around == address.way[: len(around)]
            if other.block != address.block or not inside:
                continue
            if other.index < address.way[len(around)] or (
                around == address.way[:-1] and other != address
            ):
                name = (
                    step.title if step.name is not None else f"{step.title} (number {other.index})"
                )
                candidates.append((name, step.op.text if step.op is not None else "group", other))
        return list(reversed(candidates))

    def action_connect(self) -> None:
        """Let this step read what another one gives."""
        address = self.here()
        if address is None:
            return
        others = [o for o in self._others(address) if o[2].way < address.way]
        if not others:
            self.complain("there is nothing before it to read")
            return

        def preview(index: int, _: str) -> str:
            draft = Draft(self.session.text, self.session.path)
            try:
                step_operations.connect(draft, address, others[index][2])
            except EditError as error:
                return f"✗ {error}"
            return self._outcome(draft)

        def chosen(answer: Chosen) -> None:
            self.edit(
                "connect", lambda d: step_operations.connect(d, address, others[answer.index][2])
            )

        self.ask(Choose("Read also", [Choice(n, d) for n, d, _ in others], preview=preview), chosen)

    def action_disconnect(self) -> None:
        """Let this step no longer read one of its inputs."""
        self._with_edge(
            "No longer read",
            lambda address, edge: self.edit(
                "disconnect", lambda d: step_operations.disconnect(d, address, edge)
            ),
        )

    def _with_edge(self, title: str, then: Callable[[Address, int], object]) -> None:
        """Go on with one of the inputs of this step."""
        address = self.here()
        if address is None:
            return
        sources = reads(Draft(self.session.text, self.session.path).step(address))
        if len(sources) < 2:
            then(address, 0)
            return
        self.ask(Choose(title, [Choice(s) for s in sources]), lambda c: then(address, c.index))

    # ---- one step ---------------------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Take this step out, or those that are marked, and close the gap."""
        addresses = self._chosen()

        def remove(draft: Draft) -> None:
            for address in sorted(addresses, key=lambda a: a.way, reverse=True):
                step_operations.remove(draft, address)

        if addresses:
            self.edit("delete" if len(addresses) == 1 else f"delete {len(addresses)} steps", remove)

    def action_rename(self) -> None:
        """Another name for this step, here and wherever it is said."""
        address = self.here()
        if address is None:
            return
        draft = Draft(self.session.text, self.session.path)
        step = draft.step(address)
        if step.name is None:
            suggested = draft.unique(address, base_name(step))
            self.ask(Prompt("Name this step", suggested, help="it has none yet; its weights will be called so"),
                     lambda name: self.edit("name", lambda d: d.name_step(address, name)))  # fmt: skip
            return

        def renamed(name: str) -> None:
            report = check_text(self.session.text, self.session.path)
            try:
                edits = rename(report, step.place.start, name, self.checker())
            except RenameError as error:
                self.complain(str(error))
                return
            text, _ = spliced(self.session.text, [(edit,) for edit in edits])
            self._select = address
            self.session.put(text, f"rename {step.title}")
            self.analyse()

        self.ask(
            Prompt(f"Rename {step.title}", step.title, help="here and wherever it is said"), renamed
        )

    def action_move_up(self) -> None:
        """Before the step above it."""
        if (address := self.here()) is not None:
            self.edit("move up", lambda d: step_operations.move(d, address, -1))

    def action_move_down(self) -> None:
        """After the step below it."""
        if (address := self.here()) is not None:
            self.edit("move down", lambda d: step_operations.move(d, address, 1))

    def action_copy(self) -> None:
        """This step, or those that are marked, as text."""
        addresses = self._chosen()
        if not addresses:
            return
        draft = Draft(self.session.text, self.session.path)
        try:
            self.app.clipping = step_operations.copied(
                draft, sorted(addresses, key=lambda a: a.way)
            )
        except EditError as error:
            self.complain(str(error))
            return
        self.app.copy_to_clipboard(self.app.clipping)
        self.notify(f"copied {len(addresses)} step{'s' * (len(addresses) > 1)}")

    def action_paste(self) -> None:
        """What was copied, after this step."""
        if not self.app.clipping:
            self.complain("nothing was copied: `y` copies a step")
            return
        if (address := self.here()) is not None:
            self.edit("paste", lambda d: step_operations.paste(d, address, self.app.clipping))

    # ---- several steps ----------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark this row, or no longer."""
        row = self.row
        if row is not None and row.step is not None:
            self.graph.marked = self.graph.marked ^ {row.path}
            self.graph.recolour()
            self.graph.action_move(1)

    def _marked(self) -> list[Address]:
        rows = [r for r in self.graph.table.rows if r.path in self.graph.marked]
        return list(dict.fromkeys(a for r in rows if (a := self._address_of(r)) is not None))

    def _chosen(self) -> list[Address]:
        """The marked steps, or the one under the cursor."""
        if marked := self._marked():
            return marked
        here = self.here()
        return [here] if here is not None else []

    def action_group(self) -> None:
        """The marked steps as one group."""
        addresses = self._chosen()
        if addresses:
            suggested = Draft(self.session.text, self.session.path).unique(addresses[0], "stage")
            self.ask(Prompt("Name of the group", suggested, help="end it with ! to keep the paths of weights"),
                     lambda name: self.edit("group", lambda d: wrap.wrap(
                         d, addresses, name.rstrip("!"), inline=name.endswith("!"))))  # fmt: skip

    def action_block(self) -> None:
        """The marked steps as a block."""
        addresses = self._chosen()
        if addresses:
            self.ask(Prompt("Name of the block", "Block", help="end it with ! to keep the paths of weights"),
                     lambda name: self.edit("block", lambda d: wrap.extract(
                         d, addresses, name.rstrip("!"), inline=name.endswith("!"))))  # fmt: skip

    def action_unfold_block(self) -> None:
        """A block written out where it is used."""
        if (address := self.here()) is not None:
            self.edit("unfold", lambda d: wrap.unfold(d, address))

    def action_repeat(self) -> None:
        """Run this step, or the marked ones together, several times."""
        addresses = self._chosen()
        if addresses:
            now = wrap.count_of(Draft(self.session.text, self.session.path), addresses[0])
            self.ask(Prompt("How often?", now, help="a number or an expression; 1 for once"),
                     lambda count: self.edit("repeat", lambda d: wrap.repeat(d, addresses, count)))  # fmt: skip
