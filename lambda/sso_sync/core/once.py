"""Properties that ask somebody once."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class once(Generic[Value]):  # noqa: N801 # used as functools.cached_property is
    """A cached_property for what may wait: before Python 3.12 that one has a lock which all instances share.

    There whoever waits for an answer would keep every other object of the class waiting. As with that one since
    3.12, threads that come at the same time may each ask.
    """

    def __init__(self, ask: Callable[[Any], Value]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "once[Value]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...

    def __get__(self, instance: object | None, owner: type) -> "once[Value] | Value":
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._ask(instance)  # found there before this is asked again
        return value
