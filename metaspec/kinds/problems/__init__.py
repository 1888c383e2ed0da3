"""Optimisation problems: parameters and an objective of their own, for `problems` tasks."""
