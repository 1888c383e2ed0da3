"""Schedules, executed: one module for each kind, which offers `open_engine(setting)`."""
