"""The texts that `metaspec new` writes."""
