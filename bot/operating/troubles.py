"""What an operator can mend."""

from locales import _


class CannotStart(Exception):
    """`sentence`, marked by N_, says with the `named` values what is wrong and what to do, and holds no
    secret. As a text it is in the language that is spoken where it is shown."""

    def __init__(self, sentence: str, **named: object) -> None:
        super().__init__(sentence)
        self.sentence, self.named = sentence, named

    def __str__(self) -> str:
        return _(self.sentence).format(**self.named)
