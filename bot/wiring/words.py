"""Words of the edge for the API and for webhooks of ours, wired."""

from handlers.exporting.export_words import column_word
from handlers.pipelines.words import pipeline_word, stage_word
from services.api.wording import Wording


def wording() -> Wording:
    """In the language of the moment."""
    return Wording(stage_word, pipeline_word, column_word)
