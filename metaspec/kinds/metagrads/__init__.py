"""How the meta-gradient is computed."""
