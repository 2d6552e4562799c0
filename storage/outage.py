"""A database that is away, told apart from a statement that it refuses."""

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

_MISTAKES = (DataError, IntegrityError, ProgrammingError)


def is_outage(error: BaseException) -> bool:
    """The database is away, as against a statement that it refuses."""
    return isinstance(error, SQLAlchemyError | OSError) and not isinstance(error, _MISTAKES)
