"""What a task is trained on, where that is itself learned."""
