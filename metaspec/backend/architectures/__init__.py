"""Operations of an architecture: `operations(config, weights, places, tasks, key) -> (tasks, places, operations)`.

`weights` are the tensors that the kind declares; the shares of a place add up to one. A kind that draws has
`log_probability` besides, with the same arguments, of what it draws with that key: (tasks,).
"""
