from typing import Literal

from metaspec.spec.base import field
from metaspec.spec.kind import Metagrad
from metaspec.spec.shapes import Sizes


class GradientMatching(Metagrad):
    """The gradient of a distance: learned items are to give the gradient that the query set gives (Zhao et al. 2021).

    Along an inner loop with weights w_0, w_1, ... that are held constant,

        g = mean over the steps of  d/dm D(grad L_support(w_t; m), grad L_query(w_t)),

    for meta-parameters m that the support loss depends on: items, labels, an augmentation. Nothing is differentiated
    through the steps, so that memory does not grow with them and long inner loops cost no more than their steps;
    what only moves the weights, such as `lr`, has no gradient.

    `cosine` is one minus the cosine of the angle between the two gradients, for the weights of each output of a layer,
    added up; biases are left out, as in the authors' program. `squares` is the sum of squared differences of all
    parameters. In the paper every step is followed by an update of the items; here a meta-iteration is one update, from
    the mean over its steps.
    """

    references = ("zhao2021",)

    distance: Literal["cosine", "squares"] = field("cosine", doc="what is measured between the two gradients")

    def kept(self, size: Sizes, numbers: int) -> int:
        """The gradients of both sets at one state, that of the support set differentiated."""
        return 2 * size.state + size.second + 2 * size.query
