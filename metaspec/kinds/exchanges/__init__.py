"""What workers exchange."""
