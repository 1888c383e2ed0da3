from metaspec.spec.base import Count, field
from metaspec.spec.problem import Objective
from metaspec.spec.shapes import Parameter


class Matmul(Objective):
    """How well k products suffice to multiply two matrices: a search for fast matrix multiplication.

    With a, b and c all pairs of one-hot matrices and their products, P = (a Ta) * (b Tb), Tc = (P'P)^-1 P'c, the
    objective is sum (P Tc - c)^2. Columns of Ta and Tb start with length 1.
    """

    size: Count = field(2, doc="rows of the matrices")
    products: Count = field(7, doc="products that there are")

    def parameters(self):
        shape = (self.size**2, self.products)
        fans = {"fan_in": shape[0], "fan_out": shape[1]}
        return tuple(Parameter(layer=name, role="kernel", shape=shape, **fans) for name in ("left", "right"))

    def operations(self) -> int:
        return 8 * self.size**6 * self.products
