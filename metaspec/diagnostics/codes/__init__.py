"""The codes of diagnostics, one table for each hundred."""
