"""The composition root: settings, assembly, the command line."""
