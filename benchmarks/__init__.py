"""Measurements against a floor or a rival, in ratios: `python -m benchmarks [PART ...]`.

Both sides do the same work in turn in one run (A/B/A/B), which is checked on both; the figure is the
median of the rounds' ratios. Seconds are shown for orientation and never judged.
"""
