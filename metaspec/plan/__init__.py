"""IR -> Plan."""

from metaspec.plan.make import make
from metaspec.plan.model import Plan

__all__ = ["Plan", "make"]
