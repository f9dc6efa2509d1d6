"""E-mail by SMTP (RFC 5321), with STARTTLS, TLS from the start, or, in a closed net, neither.

The Message-ID is the delivery's: a mail that went out twice, because we died between the
server's yes and our note of it, is known by its reader's program as the same.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from streetwise.kernel.settings import Settings
from streetwise.notify.channels import Failed, Letter, trusting

#: Replies from here on say that trying again is of no use.
PERMANENT = 500


class Smtp:
    """One mail server, a connection per letter: few letters, and none waits for another."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, letter: Letter) -> str | None:
        """Send; the Message-ID. Raises Failed."""
        message = self.message(letter)
        await asyncio.to_thread(self._deliver, message)
        return str(message["Message-ID"])

    def message(self, letter: Letter) -> EmailMessage:
        """The mail."""
        sender = self._settings.notify_smtp_from
        message = EmailMessage()
        message["Subject"] = letter.title
        message["From"] = Address("Streetwise", addr_spec=sender)
        message["To"] = Address(addr_spec=letter.address)
        message["Date"] = format_datetime(letter.made_at)
        message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
        # Holiday notices and the like do not answer what a machine sent (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        if letter.urgent:
            message["Importance"] = "high"
        message.set_content("\n\n".join(part for part in (letter.text, letter.link) if part))
        return message

    async def probe(self) -> None:
        """Connect, encrypt and log in as for a mail, and send none. Raises Failed."""
        await asyncio.to_thread(self._deliver, None)

    def _deliver(self, message: EmailMessage | None) -> None:
        try:
            with self._connect() as server:
                self._introduce(server)
                if message is not None:
                    server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise Failed("refused" if min(codes) >= PERMANENT else "busy") from None
        except smtplib.SMTPServerDisconnected as error:
            # smtplib calls it so as well when it waited in vain.
            if isinstance(error.__context__, TimeoutError):
                raise Failed("timeout") from None
            raise Failed("unreachable", "it hung up") from None
        except smtplib.SMTPResponseException as error:
            # Its code alone: what a server says with it may hold the address.
            kind = "refused" if error.smtp_code >= PERMANENT else "busy"
            raise Failed(kind, f"SMTP {error.smtp_code}") from None
        except smtplib.SMTPException as error:
            raise Failed("refused", type(error).__name__) from None
        except TimeoutError:
            raise Failed("timeout") from None
        except ssl.SSLError as error:
            raise Failed("insecure", error.reason or "") from None
        except OSError as error:
            raise Failed("unreachable", error.strerror or "") from None

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        where = (settings.notify_smtp_host, settings.notify_smtp_port)
        wait = settings.notify_timeout_seconds
        if settings.notify_smtp_security == "tls":
            return smtplib.SMTP_SSL(*where, timeout=wait, context=trusting(settings))
        return smtplib.SMTP(*where, timeout=wait)

    def _introduce(self, server: smtplib.SMTP) -> None:
        """Encrypt, then log in: no password goes to whom we do not know, unless the office chose
        a closed net.
        """
        settings = self._settings
        if settings.notify_smtp_security == "starttls":
            try:
                server.starttls(context=trusting(settings))
            except smtplib.SMTPNotSupportedError as error:
                raise Failed("insecure", str(error)) from None
        if settings.notify_smtp_user:
            self._login(server, settings.notify_smtp_user, settings.notify_smtp_password or "")

    def _login(self, server: smtplib.SMTP, user: str, password: str) -> None:
        try:
            server.login(user, password)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPResponseException as error:
            passing = error.smtp_code < PERMANENT
            raise Failed("busy" if passing else "login", f"SMTP {error.smtp_code}") from None
        except smtplib.SMTPException as error:  # it knows no login, or none of ours
            raise Failed("login", str(error)) from None
