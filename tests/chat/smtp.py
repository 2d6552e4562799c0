"""A small SMTP server for tests (RFC 5321): keeps every letter, and refuses what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Smtp:
    """`letters` are what came; the next `failures` attempts are put off, recipients in `unknown` refused."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    failures: int = 0
    unknown: set[str] = field(default_factory=set)
    tried: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 test")
        while line := (await reader.readline()).decode().strip():
            verb = line.upper()
            if verb.startswith("DATA"):
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(message_from_bytes(body[:-3], policy=policy.default))
            elif verb.startswith("MAIL"):
                self.tried += 1
                if self.failures:
                    self.failures -= 1
                    await say("451 later")
                    continue
            elif verb.startswith("RCPT") and any(one in line for one in self.unknown):
                await say(f"550 no such person: {line[8:]}")
                continue
            await say("221 bye" if verb.startswith("QUIT") else "250 ok")
        writer.close()


@asynccontextmanager
async def smtp() -> AsyncIterator[Smtp]:
    kept = Smtp()
    server = await asyncio.start_server(kept.serve, "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    async with server:
        yield kept
