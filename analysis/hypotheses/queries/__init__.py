"""The tree query of each hypothesis about code, by hypothesis; a module for each language."""
