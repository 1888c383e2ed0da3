"""The peers' programs. They run with the interpreter that has JAX and PyTorch, and import nothing of metaspec."""
