"""How the meta-gradient is had."""
