"""An SMTP server in a process of its own that counts what it accepted: `python mailserver.py PORT FILE [MODE-FILE]`.

Each accepted mail is one line of FILE, `recipient<TAB>subject`, written before the answer, as a provider would know it
even if its answer is lost. MODE-FILE may hold a word that is obeyed at the next command: `421` is busy, `slow` waits a
moment, `lost` accepts and hangs up without an answer, anything else is friendly.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path


class Server:
    def __init__(self, accepted: Path, mode: Path | None) -> None:
        self._accepted = os.open(accepted, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._mode_file = mode

    @property
    def _mode(self) -> str:
        with contextlib.suppress(OSError):
            return self._mode_file.read_text().strip() if self._mode_file else ""
        return ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []
        answer = "220 here"
        while True:
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
            line = (await reader.readline()).decode("ascii", "replace").strip()
            word, mode = line.partition(" ")[0].upper(), self._mode
            if not line or (mode == "421" and word not in {"EHLO", "QUIT"}):
                writer.write(b"421 busy, come again\r\n")
                return
            await asyncio.sleep(0.2 if mode == "slow" else 0)
            match word:
                case "MAIL":
                    recipients, answer = [], "250 ok"
                case "RCPT":
                    recipients.append(line.partition("<")[2].partition(">")[0])
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    self._take(recipients, (await reader.readuntil(b"\r\n.\r\n"))[:-5])
                    if mode == "lost":
                        return
                    answer = "250 accepted"
                case _:
                    answer = "250 ok"

    def _take(self, recipients: list[str], data: bytes) -> None:
        subject = str(make_header(decode_header(message_from_bytes(data)["Subject"])))
        for recipient in recipients:
            os.write(self._accepted, f"{recipient}\t{subject}\n".encode())


async def main(port: int, accepted: Path, mode: Path | None) -> None:
    server = await asyncio.start_server(Server(accepted, mode).talk, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - who started it reads the port
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None))
