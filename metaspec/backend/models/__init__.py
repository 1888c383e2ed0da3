"""Models: `build(config, compiled) -> apply`, a pure function `apply(params, inputs) -> outputs` on the task axis.

`compiled` says whether the graph goes through XLA, for layers that have a form of their own there.
"""
