"""What changes the items of an inner step: `augmented(config, weights, batch, key) -> Batch`.

`weights` are the tensors that the kind declares; the key is that of the step.
"""
