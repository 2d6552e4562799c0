"""The REST API: a table of endpoints over the use cases, served by aiohttp and described as OpenAPI 3.1."""
