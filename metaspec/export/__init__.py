"""What a finished run has learned, written for other programs."""
