"""Results -> page and tables: what was learned, for a terminal and as one HTML file."""
