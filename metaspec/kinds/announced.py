"""Names that the language knows and the interpreter does not have yet: "not yet available", not "unknown"."""

ANNOUNCED: dict[str, tuple[str, ...]] = {
    "models": ("resnet12",),
    "inner": ("relation", "meta_lstm", "snail", "leo", "tpn", "tadam"),
}
