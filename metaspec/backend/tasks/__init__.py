"""Task blocks: `functions(config, plan) -> TaskFunctions`."""
