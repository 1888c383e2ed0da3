"""Names that the language knows and the interpreter does not have yet: "not yet available", not "unknown"."""

ANNOUNCED: dict[str, tuple[str, ...]] = {
    "tasks": ("language", "navigation", "gym"),
    "data": ("mini_imagenet", "tiered_imagenet", "cifar_fs", "csv"),
    "models": ("conv", "lstm", "resnet12"),
    "inner": (
        "lbfgs", "ridge", "svm", "none", "prototypes", "matching", "coordinate_rnn", "small_fc", "learned_schedule",
        "learned_adam", "learned_rate", "relation", "meta_lstm", "snail", "leo", "tpn", "tadam", "policy_gradient",
    ),
    "metagrads": ("forward", "reinforce", "reptile", "none"),
    "outers": ("elite", "cma_es", "pbt", "optimizer", "trpo"),
    "schedules": ("ray",),
    "solvers": ("exact", "identity"),
    "presets": (
        "boil", "maml_plus_plus", "reptile", "imaml", "convex_maml", "convex_imaml", "cavia", "proto_maml", "r2d2",
        "metaopt_ridge", "metaopt_svm", "finetune", "multitask",
    ),
    "sources": ("augment", "mixture", "controller"),
}
