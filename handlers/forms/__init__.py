"""Questions one after another, and what answers them."""
