"""Recurrent networks: what they are, how they learn, how they are read from files."""
