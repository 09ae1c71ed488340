"""`dataclasses` for the check path, without its imports.

`import dataclasses` brings `inspect` and what depends on it: a sixth of the time that a whole
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
        """A default that is created for each record."""

        def __init__(self, make):
            self.make = make

    def field(*, default_factory):
        """A default that is created for each record."""
        return _Factory(default_factory)

    class _Record:
        """The base class of records; `_fields`, `_defaults` and `_rests` are set for each class."""

        def __init__(self, *args, **keywords):
            if (
                not keywords and (rest := self._rests.get(len(args))) is not None
            ):  # as nearly always
                self.__dict__.update(zip(self._fields, args + rest, strict=True))
                return
            values = dict(zip(self._fields, args, strict=False))
            if len(args) > len(self._fields) or not keywords.keys() <= self._names - values.keys():
                raise TypeError(f"{type(self).__name__} takes {', '.join(self._fields)}")
            values.update(keywords)
            for name in self._fields:
                if name not in values:
                    values[name] = self._default(name)
            self.__dict__.update(values)

        def _init_and_check(self, *args, **keywords):
            """The constructor of a class with `__post_init__`."""
            _Record.__init__(self, *args, **keywords)
            self.__post_init__()

        def _default(self, name):
            if name not in self._defaults:
                raise TypeError(f"{type(self).__name__} needs {name}")
            default = self._defaults[name]
            return default.make() if isinstance(default, _Factory) else default

        def __repr__(self):
            fields_text = ", ".join(f"{n}={getattr(self, n)!r}" for n in self._fields)
            return f"{type(self).__name__}({fields_text})"

        def __eq__(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return all(getattr(self, n) == getattr(other, n) for n in self._fields)

        __hash__ = None

    class _Frozen(_Record):
        """A record whose fields cannot be set again."""

        def __hash__(self):
            return hash(tuple(getattr(self, n) for n in self._fields))

        def __setattr__(self, name, value):
            raise AttributeError(f"{type(self).__name__} is frozen: cannot assign {name!r}")

    def _rests(fields, defaults):
        """The values of omitted fields by the number of arguments, if none is created per record."""
        rests = {len(fields): ()}
        for count in range(len(fields) - 1, -1, -1):
            default = defaults.get(fields[count], fields)
            if default is fields or isinstance(default, _Factory):
                break
            rests[count] = (default, *rests[count + 1])
        return rests

    def record(cls=None, *, frozen=False, eq=True, slots=False):  # noqa: ARG001 - for the type checker
        """Give a class a constructor, a `repr` and, with `eq`, equality from its annotations."""
        if cls is None:
            return lambda wrapped: record(wrapped, frozen=frozen, eq=eq)
        fields = tuple(cls.__dict__.get("__annotations__", ()))  # noqa: RUF063 - names will do
        body = {k: v for k, v in cls.__dict__.items() if k not in ("__dict__", "__weakref__")}
        body["_fields"], body["_names"] = fields, frozenset(fields)
        if "__post_init__" in body:
            body["__init__"] = _Record._init_and_check
        if not eq:
            body["__eq__"], body["__hash__"] = object.__eq__, object.__hash__
        body["_defaults"] = {n: cls.__dict__[n] for n in fields if n in cls.__dict__}
        body["_rests"] = _rests(fields, body["_defaults"])
        return type(cls.__name__, (_Frozen if frozen else _Record,), body)

    def replace(value, **changes):
        """A copy of a record with some of its fields changed."""
        field_values = {n: getattr(value, n) for n in value._fields}
        return type(value)(**{**field_values, **changes})


__all__ = ["field", "record", "replace"]
