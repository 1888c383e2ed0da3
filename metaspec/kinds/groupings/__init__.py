"""How clusters are packed into cluster groups."""
