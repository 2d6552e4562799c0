"""Use cases: a class an area, a public async method a use case."""
