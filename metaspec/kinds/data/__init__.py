"""Where items and their classes come from."""
