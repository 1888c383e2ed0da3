"""Names of the literature, each an expansion in the language itself."""
