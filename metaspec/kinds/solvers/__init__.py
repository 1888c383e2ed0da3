"""Solvers of the linear system of an implicit meta-gradient."""
