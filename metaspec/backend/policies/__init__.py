"""Policies: trajectories are sampled with a model inside the graph, and followed by their rewards."""
