"""What an operator can mend."""


class CannotStart(Exception):
    """The text is a sentence that says what is wrong and what to do; it holds no secret."""
