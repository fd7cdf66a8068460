"""Mail by SMTP (RFC 5321), with TLS that is checked. ◆"""

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from access.errors import Unavailable
from access.post.letters import Letter, NotTaken
from access.post.mail_security import Security

TIMEOUT_S = 10.0
_TEMPORARY = range(400, 500)


class MailUnavailable(Unavailable):
    """The mail server does not take letters at the moment."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """sender is the address letters come from; no ca_file: the system's authorities; no user: no login."""

    host: str
    port: int
    sender: str
    security: Security = Security.STARTTLS
    ca_file: Path | None = None
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises NotTaken where it never will be taken, else MailUnavailable."""
        message = self._message(letter)
        try:
            with self._connection() as connection:
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise self._refused(code, answer) from error
        except smtplib.SMTPResponseException as error:
            raise self._refused(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailUnavailable(f"The mail server {self.host}:{self.port}: {error}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnavailable(
                f"The mail server {self.host}:{self.port} does not answer as it should: {error}. See mail.*"
            ) from error

    def _connection(self) -> smtplib.SMTP:
        if self.security is Security.TLS:
            made: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_S, context=self._context()
            )
        else:
            made = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security is Security.STARTTLS:
                made.starttls(context=self._context())
            if self.user:
                made.login(self.user, self.password)
        except BaseException:
            made.close()
            raise
        return made

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"] = Address(addr_spec=self.sender)
            message["To"] = Address(addr_spec=letter.to)
            message["Subject"] = letter.subject
        except (ValueError, IndexError, MessageError) as error:
            raise NotTaken(f"{letter.to!r} is no mail address") from error
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        # Nobody's vacation answers to it (RFC 3834 section 5).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _refused(self, code: int, answer: bytes | str) -> Exception:
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
        said = f"The mail server {self.host}:{self.port} refused: {code} {' '.join(text.split())}"
        return MailUnavailable(said) if code in _TEMPORARY else NotTaken(said)


@dataclass(frozen=True, slots=True)
class MailBoxes:
    """The way to people's mail boxes that is taken at once: for a code that somebody is waiting for."""

    server: MailServer | None

    @property
    def ready(self) -> bool:
        """Whether a mail server is set."""
        return self.server is not None

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one letter now. Raises Unavailable, also where it never will be taken."""
        if self.server is None:
            raise MailUnavailable("No mail server is set (mail.server).")
        try:
            self.server.send(Letter(to, subject, body))
        except NotTaken as error:
            raise MailUnavailable(str(error)) from error
