"""Personal data: what is held on somebody, its erasure, and how long things are kept."""
