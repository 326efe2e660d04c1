"""The adapters' one way to the scorer: the same limits, allowance, gate and metrics as ours."""

from collections.abc import Sequence

from fastapi import Request

from model.errors import QuoteError
from model.scores import ToneScore
from model.text import check
from service.errors import RequestError
from service.metrics import Metrics
from service.routes import scored
from service.serving import Service


async def score_texts(
    request: Request,
    service: Service,
    metrics: Metrics,
    texts: Sequence[str],
    field: str,
    *,
    sentences: bool = False,
) -> list[ToneScore]:
    """Score texts as ``POST /v1/score/batch`` does.

    Args:
        request: what asks for it.
        service: the service that was current when it came.
        metrics: told of the scores.
        texts: what to score.
        field: path of a text in the request, for the error; {} stands for its index.
        sentences: score each sentence too.

    Raises:
        RequestError: too many texts (413), or one that cannot be scored (422).
        ToneError: as the gate and the quota raise it.
    """
    settings = service.settings
    if len(texts) > settings.max_quotes:
        message = f"There are {len(texts):,} texts and the limit is {settings.max_quotes:,}; "
        raise RequestError(413, "too_many_quotes", message + "send them in parts.")
    for i, text in enumerate(texts):
        try:
            check(text, settings.max_characters)
        except QuoteError as error:
            raise RequestError(422, error.code, str(error), field.format(i)) from None
    return await scored(request, service, metrics, texts, sentences=sentences, explain=False)
