"""Text to tree and back: the parser, the tree, the formatter and the highlighter."""
