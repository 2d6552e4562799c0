"""The services put together, area by area."""
