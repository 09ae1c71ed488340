"""Every action of the editor: its id, its keys, what it is called, and where it belongs.

The footer, the palette, the help and the file of the user's own keys are made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """One thing that can be done."""

    id: str
    """Also the name of the method: `graph.add` is `action_add`."""
    keys: str
    title: str
    help: str
    shown: bool = False
    """Whether the footer has it."""

    @property
    def method(self) -> str:
        """The action of the main screen."""
        return self.id.rpartition(".")[2]


ACTIONS: tuple[Action, ...] = (
    Action("help.help", "question_mark,f1", "Help", "all keys", True),
    Action("help.tour", "", "Tour", "five steps through the editor"),
    Action("file.save", "ctrl+s", "Save", "write the file", True),
    Action("file.save_as", "", "Save as", "write it under another name"),
    Action("file.open", "ctrl+o", "Open", "open another file: recent ones, those here, or any path"),
    Action("file.new", "ctrl+n", "New", "start from nothing, or from a network of the gallery"),
    Action("file.reload", "", "Reload", "take the file as it is on the disk"),
    Action("file.diff", "D", "Diff", "what differs from the saved file, and from git"),
    Action("file.compile", "f6", "Compile", "the network as a Python program"),
    Action("file.render", "f5", "Render", "a picture: SVG, PNG, PDF, DOT, Mermaid, or a page"),
    Action("file.format", "", "Format", "lay the text out anew"),
    Action("file.external", "ctrl+e", "Editor", "edit the text in $EDITOR"),
    Action("file.quit", "ctrl+q", "Quit", "leave"),
    Action("edit.undo", "ctrl+z,u", "Undo", "take the last step back, whatever it was", True),
    Action("edit.redo", "ctrl+y,U", "Redo", "do it again"),
    Action("edit.fix", "full_stop", "Fix", "mend the finding under the cursor, or the first one", True),
    Action("edit.fix_all", "", "Fix all", "mend everything that is certain"),
    Action("graph.add", "a", "Add", "a step after this one", True),
    Action("graph.insert", "i", "Insert", "a step on the way into this one", True),
    Action("graph.branch", "b", "Branch", "a second way that begins here", True),
    Action("graph.join", "J", "Join", "what this one and another give, by Add, Concat, …", True),
    Action("graph.connect", "c", "Connect", "let this one read what another gives"),
    Action("graph.disconnect", "x", "Disconnect", "let this one no longer read one of its inputs"),
    Action("graph.delete", "d,delete", "Delete", "take this step out, and close the gap", True),
    Action("graph.arguments", "e", "Edit", "its arguments, in a form", True),
    Action("graph.rename", "r,f2", "Rename", "here and wherever its name is said", True),
    Action("graph.change_op", "o", "Op", "another op for this step"),
    Action("graph.copy", "y", "Copy", "this step, or those that are marked"),
    Action("graph.paste", "p", "Paste", "after this step"),
    Action("graph.move_up", "K,shift+up", "Move up", "before the step above it"),
    Action("graph.move_down", "N,shift+down", "Move down", "after the step below it"),
    Action("graph.mark", "space", "Mark", "mark this step, for what works on several"),
    Action("graph.group", "w", "Group", "marked steps as one group"),
    Action("graph.block", "B", "Block", "marked steps as a block of their own"),
    Action("graph.unfold_block", "W", "Unfold block", "write a block out where it is used"),
    Action("graph.repeat", "R", "Repeat", "run it several times"),
    Action("graph.fold", "enter,right,left,l,h", "Fold", "open or close what is in it"),
    Action("graph.fold_all", "Z", "Fold all", "close every level, or open them all"),
    Action("graph.apart", "t", "One by one", "a repeat, iteration by iteration"),
    Action("graph.producer", "left_square_bracket", "Producer", "go to what it reads"),
    Action("graph.consumer", "right_square_bracket", "Consumer", "go to what reads it"),
    Action("find.find", "slash", "Find", "name, op:conv, shape:*,256,*,*, params:>1M, error", True),
    Action("find.next_match", "n", "Next match", "the next row that was looked for"),
    Action("find.next_problem", "f8", "Next problem", "the next finding"),
    Action("find.previous_problem", "shift+f8", "Previous problem", "the one before"),
    Action("view.sizes", "s", "Sizes", "what if H = 128? shapes in numbers", True),
    Action("view.numbers", "S", "Numbers", "shapes in numbers, or in symbols"),
    Action("view.preset", "P", "Preset", "look at the network with a preset of the file"),
    Action("view.params", "m", "Params", "the file's parameters, inputs and presets, in a form", True),
    Action("view.boxes", "v", "Boxes", "the graph as boxes joined by lines, or as a rail again", True),
    Action("view.picture", "V", "Picture", "by Graphviz: in terminals with pixels, or as a file"),
    Action("view.overview", "M", "Overview", "the whole network on one page"),
    Action("view.outline", "1", "Outline", "go to the outline"),
    Action("view.graph", "2", "Graph", "go to the graph"),
    Action("view.source", "3", "Source", "go to the source; escape goes back"),
    Action("view.inspector", "4", "Inspector", "go to the inspector"),
    Action("view.problems", "5", "Problems", "go to the findings"),
    Action("view.dark", "", "Light or dark", "the other theme"),
)  # fmt: skip

GLOBAL = (
    "file.",
    "edit.undo",
    "edit.redo",
    "find.next_problem",
    "find.previous_problem",
    "help.help",
)
"""Actions whose keys work in the source, too, as far as they are no letters."""
