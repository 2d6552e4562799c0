"""Who enters by the API and how often: keys, limits, and requests that are done once."""
