from metaspec.spec.kind import Preset


class Finetune(Preset):
    """Transfer learning, the plain baseline: weights trained on the items of all tasks, fine-tuned on each new one.

    Training knows no inner loop; evaluation takes `steps` gradient steps on the support set of each task.
    """

    references = ("pan2010",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), steps = 10, lr = 0.01 }
    metagrad = joint {}
    """
