from metaspec.spec.kind import Preset


class Reptile(Preset):
    """Reptile: the initial weights follow the adapted ones (Nichol et al. 2018).

    Adam without its first moment as the inner method, as in the paper's code, and a step towards the adapted weights
    that falls to nothing, there on a line and here on a cosine. `train.tasks = 1` is the serial form, 5 the paper's
    batched one.
    """

    references = ("nichol2018",)
    expansion = """
    inner    = adam { init = learned(glorot_uniform), steps = 5, lr = 1e-3, beta1 = 0 }
    metagrad = reptile { batch = 10 }
    outer    = sgd { lr = cosine(1, 0) }
    """
