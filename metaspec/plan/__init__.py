"""IR -> Plan, in `make.py`: shapes, learned tensors, how a meta-iteration is executed, cost.

The package itself can be called: `metaspec.plan(spec)` is the public function of that name.

A package and a function of one name would hide each other, and which of them were seen would depend on what was
imported before.
"""

import sys
from types import ModuleType

from metaspec.plan.make import make
from metaspec.plan.model import Plan

__all__ = ["Plan", "make"]


class _Callable(ModuleType):
    def __call__(self, *arguments, **options) -> Plan:
        from metaspec.api import plan  # the API stands above this package

        return plan(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
