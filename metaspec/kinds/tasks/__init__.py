"""Distributions of tasks."""
