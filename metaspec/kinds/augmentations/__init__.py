"""What changes the items of an inner step, where that is itself learned."""
