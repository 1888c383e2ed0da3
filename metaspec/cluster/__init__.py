"""Clusters of tasks: who belongs to which, in what order they are used, and how they are packed into groups."""
