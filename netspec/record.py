"""`dataclasses` for the check path, without what it imports.

`import dataclasses` brings `inspect` and what hangs on it: a sixth of the time that a whole
`netspec check` takes. For a type checker `record` is `dataclass`; at run time it is the few lines below,
which serve values that are made some hundred times, not a million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field, replace
else:

    class _Factory:
        """A default that is made anew for each record."""

        def __init__(self, make):
            self.make = make

    def field(*, default_factory):
        """A default that is made anew for each record."""
        return _Factory(default_factory)

    def record(cls=None, *, frozen=False, slots=False):  # noqa: ARG001 - slots are the type checker's
        """Give a class a constructor, a `repr` and equality from its annotations."""
        if cls is None:
            return lambda wrapped: record(wrapped, frozen=frozen)
        names = tuple(cls.__dict__.get("__annotations__", ()))
        defaults = {n: cls.__dict__[n] for n in names if n in cls.__dict__}
        makers = {n: d.make for n, d in defaults.items() if isinstance(d, _Factory)}
        required = frozenset(n for n in names if n not in defaults)

        def __init__(self, *args, **given):
            values = dict(zip(names, args, strict=False))
            if len(args) > len(names) or not given.keys() <= set(names) - values.keys():
                raise TypeError(f"{cls.__name__} takes {', '.join(names)}; got {args} and {given}")
            values.update(given)
            if not required <= values.keys():
                missing = ", ".join(sorted(required - values.keys()))
                raise TypeError(f"{cls.__name__} needs {missing}")
            for name, make in makers.items():
                if name not in values:
                    values[name] = make()
            self.__dict__.update(values)

        def __repr__(self):
            said = ", ".join(f"{n}={getattr(self, n)!r}" for n in names)
            return f"{cls.__name__}({said})"

        def __eq__(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return all(getattr(self, n) == getattr(other, n) for n in names)

        def __hash__(self):
            return hash(tuple(getattr(self, n) for n in names))

        def __setattr__(self, name, value):
            raise AttributeError(f"{cls.__name__} is frozen: cannot assign {name!r}")

        cls.__init__, cls.__repr__, cls.__eq__ = __init__, __repr__, __eq__
        cls.__match_args__ = names
        cls.__hash__ = __hash__ if frozen else None
        if frozen:
            cls.__setattr__ = __setattr__
        return cls

    def replace(value, **changes):
        """A copy of a record with some of its fields changed."""
        kept = {n: getattr(value, n) for n in type(value).__match_args__}
        return type(value)(**{**kept, **changes})


__all__ = ["field", "record", "replace"]
