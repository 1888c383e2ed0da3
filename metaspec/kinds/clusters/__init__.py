"""How tasks are put into clusters."""
