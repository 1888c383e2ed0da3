"""Speed and memory beside JAX and PyTorch: `python -m benchmarks`.

Every competitor is a process of its own that answers requests (`protocol`); `metaspec` itself is one of them, the
peers run with the interpreter that has their libraries. The orchestrator hands all of them the same parameters and
the same tasks, compares their meta-gradients, then has them work in turns.
"""
