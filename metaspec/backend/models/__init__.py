"""Models: `build(config, compiled) -> Network`, pure functions on the task axis.

`compiled` says whether the graph goes through XLA, for layers that have a form of their own there.
"""
