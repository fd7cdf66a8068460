"""How much the server keeps and how long: settings with safe defaults."""

from dataclasses import dataclass

# RFC 6614 section 2.3: what is inside TLS is protected by TLS, so the secret of RadSec is no secret.
RADSEC_SECRET = b"radsec"


@dataclass(frozen=True, slots=True)
class Limits:
    """reject_delay_s counts from the receipt of the request, so that every refusal takes the same time.

    reply_s is how long a reply is kept for duplicates (RFC 5080 section 2.2.2: 5 to 30 seconds); answer_s how
    long the application may take over a question; state_s how long a NAS may take to come back with a State.
    max_relayed counts requests that are with home servers, which may all be silent at once: they take no
    room from those that are answered here. max_conversations counts prompts and EAP. EAP has a limit of
    its own, as half a handshake takes 65 KiB, and one for each NAS, as who begins there and never goes on
    should not lock the others out.
    """

    reject_delay_s: float = 1.0
    reply_s: float = 10.0
    answer_s: float = 30.0
    state_s: float = 60.0
    retransmit_hint_s: int = 30
    max_replies: int = 32768
    max_waiting: int = 8192
    max_relayed: int = 4096
    max_conversations: int = 10000
    max_eap_conversations: int = 4000
    max_eap_conversations_per_nas: int = 2000
    max_conversations_per_endpoint: int = 4
    eap_packet_octets: int = 1024
