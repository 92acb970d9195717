"""The figures in the README: `make bench`, which prints one Markdown table and ends by itself.

The service and two echo bots run as processes of their own, each on an emulator of the Bot API in
a process of its own; everything stays on 127.0.0.1. Rounds alternate between them, so that what
else the machine does falls on all alike: ratios are worth more than the figures.

A second table is about booking alone (`places.py`; by itself: `python -m tests.bench.places`).
"""
