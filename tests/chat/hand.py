"""A person's hand at the chat page: what it presses and types is counted."""

from dataclasses import dataclass, field

from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message


@dataclass
class Hand:
    """Does one job for `person`, from the message that prompts it on. Labels are English."""

    person: Person
    steps: list[str] = field(default_factory=list)
    taps: int = 0
    words: int = 0

    async def tap(self, label: str, message: Message | None = None) -> None:
        """Press the button whose label contains this."""
        await self.person.press(label, message)
        self.taps += 1
        self.steps.append(f"[{label}]")

    async def type(self, text: str) -> None:
        await self.person.say(text)
        self.words += len(text.split())
        self.steps.append(f"“{text}”")

    async def drop(self, name: str, content: bytes) -> None:
        """Send a file: it is chosen outside the chat, which is no tap of ours."""
        await self.person.send_document(name, content)
        self.steps.append(f"the file {name}")
