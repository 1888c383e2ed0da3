"""Which operation stands at each place of a model that leaves it open."""
