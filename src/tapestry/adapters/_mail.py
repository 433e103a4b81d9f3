"""Mail by SMTP (RFC 5321), in a thread: the hub goes on while a server thinks."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from tapestry.adapters._outside_keys import MailKeys
from tapestry.app.desk import Letter, NotSent

ANSWER_WITHIN_S = 10.0


async def send_mail(keys: MailKeys, letter: Letter) -> None:
    """Return when the server took the mail.

    Raises:
        NotSent: It was not reached, its certificate is not good, it did not let us in, or it refused the address.
    """
    await asyncio.to_thread(_send, keys, _mail_of(keys, letter))


def _mail_of(keys: MailKeys, letter: Letter) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = keys.sender
    mail["To"] = letter.address
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{letter.key.replace('/', '.')}@{keys.sender.partition('@')[2] or 'tapestry'}>"
    mail["X-Priority"] = "1"
    mail.set_content(letter.text)
    return mail


def _send(keys: MailKeys, mail: EmailMessage) -> None:
    try:
        with _connect(keys) as server:
            if keys.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if keys.user:
                server.login(keys.user, keys.password)
            server.send_message(mail)
    except smtplib.SMTPAuthenticationError as err:
        raise NotSent("login-refused") from err
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as err:
        raise NotSent("address-refused") from err
    except smtplib.SMTPException as err:
        raise NotSent("refused") from err
    except ssl.SSLError as err:
        raise NotSent("bad-certificate") from err
    except OSError as err:
        raise NotSent("not-reached") from err


def _connect(keys: MailKeys) -> smtplib.SMTP:
    if keys.tls == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(keys.host, keys.port, timeout=ANSWER_WITHIN_S, context=context)
    return smtplib.SMTP(keys.host, keys.port, timeout=ANSWER_WITHIN_S)
