"""What the form of an explanation supposes: whose NAS, the endpoint, the sessions elsewhere, the risk. ◆"""

from flask import request

from access.console.admin.hosts import hosts_of
from access.errors import Refused
from access.explaining.supposed import MOST_SESSIONS, Supposed
from access.logins.risk import Level
from access.model import User
from access.nas.registry import read_mac


def supposed(user: User) -> Supposed:
    """Return what the form says of somebody. Raises Refused for what is no MAC address or no number."""
    mac, sessions = request.args.get("endpoint", "").strip(), request.args.get("sessions", "").strip()
    risk = request.args.get("risk", "")
    counted = int(sessions) if sessions.isdecimal() and len(sessions) < 5 else None
    if sessions and (counted is None or counted > MOST_SESSIONS):
        raise Refused(
            f"Sessions elsewhere: a number up to {MOST_SESSIONS}.",
            f"다른 단말의 접속 수는 {MOST_SESSIONS} 이하의 숫자로 입력하십시오.",
        )
    host = request.args.get("nas", "")
    return Supposed(
        mac=read_mac(mac) if mac else "",
        sessions=counted,
        risk=Level(risk) if risk in set(Level) else None,
        host=host if host in {each.key for each in hosts_of(user)} else "",
        code_age_s=0.0 if request.args.get("code") == "fresh" else None,
    )
