"""What a task is trained on, where that is learned: `replaced(config, weights, support) -> Batch`.

`weights` are the tensors that the kind declares, `support` the batch in whose place they stand.
"""
