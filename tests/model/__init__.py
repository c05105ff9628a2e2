"""The oracle: a naive, in-memory market played from the text of the case format alone."""
