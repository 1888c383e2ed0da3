"""Outer methods: `method(config) -> OuterMethod`."""
