"""Models: `build(config) -> apply`, a pure function `apply(params, inputs) -> outputs` on the task axis."""
