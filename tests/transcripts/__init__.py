"""Golden conversations."""
