from metaspec.spec.kind import Model
from metaspec.spec.shapes import Cost, Parameter, Signature, dense, elements


class Linear(Model):
    """One fully connected layer on the flattened input: y = x W + b."""

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        return dense("head", elements(signature.inputs), signature.outputs)

    def cost(self, signature: Signature) -> Cost:
        inputs = elements(signature.inputs)
        return Cost(2 * inputs * signature.outputs, inputs + signature.outputs)
