"""What the REST API answers with: `{"data": ...}`, or a problem with `messages`."""

from sandbox.exchange import Answer, Refusal

HTML = "text/html; charset=utf-8"


def problem(status: int, error: str, message: str) -> Answer:
    """`messages` is always a list."""
    return Answer({"statusCode": status, "error": error, "messages": [message]}, status)


def bad(message: str) -> Refusal:
    """400, which is also what an error becomes that nobody foresaw."""
    return Refusal(problem(400, "BadRequestException", message))


def no_record() -> Refusal:
    return Refusal(problem(404, "NotFoundException", "Record not found"))


def forbidden(message: str) -> Refusal:
    """403 has no statusCode."""
    return Refusal(Answer({"error": "FORBIDDEN_EXCEPTION", "messages": [message]}, 403))


def unauthenticated(message: str) -> Refusal:
    return Refusal(problem(401, "UNAUTHENTICATED", message))
