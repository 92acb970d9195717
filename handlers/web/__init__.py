"""The public pages and the web chat."""
