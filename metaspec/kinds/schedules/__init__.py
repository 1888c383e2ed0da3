"""How the work runs in parallel."""
