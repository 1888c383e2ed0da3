from metaspec.spec.kind import Preset


class MamlPlusPlus(Preset):
    """MAML++: MAML with a loss at every step and step sizes of their own for layers and steps (Antoniou et al. 2019).

    The paper's settings for characters: five steps; the loss of every step over the first tenth of the training, the
    last one's alone after it; first order over the first half; scale and shift of each normalisation learned for each
    step and not adapted; Adam from 1e-3 on a cosine. The model keeps statistics for each step with `norm = per_step`.
    The paper starts the step sizes of natural images at 0.01. The authors' code normalises by the batch in evaluation too,
    which `norm = batch` does: their figures are transductive.
    """

    references = ("antoniou2019",)
    expansion = """
    inner    = sgd {
      init  = {
        scale = learned(ones, per = step)
        shift = learned(zeros, per = step)
        rest  = learned(glorot_uniform)
      }
      adapt = [kernel, bias]
      steps = 5
      lr    = learned(0.1, per = [layer, step])
    }
    metagrad = unroll { order = 2, first_order = 50% }
    outer    = adam { lr = cosine(1e-3, 1e-5) }
    train    { objective = multi_step(10%) }
    """
