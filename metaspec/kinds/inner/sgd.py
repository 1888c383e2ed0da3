from metaspec.spec.gradient import GradientInner


class Sgd(GradientInner):
    """Gradient descent on the support loss: w <- w - lr * grad L(w)."""
