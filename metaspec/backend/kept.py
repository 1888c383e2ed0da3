"""The last few of what is slow to make and comes back."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most `limit` values by name; the one made first makes room. What comes out is what `make` would give."""

    def __init__(self, limit: int) -> None:
        self._limit, self._values = limit, {}

    def value(self, name: Hashable, make: Callable[[], T]) -> T:
        if name not in self._values:
            if len(self._values) >= self._limit:
                self._values.pop(next(iter(self._values)))
            self._values[name] = make()
        return self._values[name]
