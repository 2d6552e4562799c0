"""A typed client of the REST API, for programs of others as well: it needs httpx and nothing of ours.

    async with Voronka("https://crm.example.com", "vk_...") as crm:
        lead = await crm.create_lead({"name": "Anna", "phones": ["+79161234567"]})

`operations.py` and `models.py` are written out of the table of endpoints: `python -m web.api.client`.
"""

from api_client.client import ApiError, Voronka

__all__ = ["ApiError", "Voronka"]
