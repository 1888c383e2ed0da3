"""Layers on the task axis, of operations that differentiate twice, with XLA and without."""
