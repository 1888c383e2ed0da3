"""How meta-parameters are updated."""
