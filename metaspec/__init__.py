"""metaspec: a declarative language for meta-learning, and its interpreter."""
