"""What the form of an explanation supposes: whose NAS and where, the Wi-Fi, the method, the endpoint ... ◆"""

from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import request

from access.console.admin.hosts import hosts_of
from access.errors import Refused
from access.explaining.supposed import MOST_SESSIONS, Supposed
from access.logins.risk import Level
from access.model import Method, User
from access.nas.registry import read_mac


def supposed(user: User) -> Supposed:
    """Return what the form says of somebody. Raises Refused for what is no address or no number."""
    mac, sessions = _typed("endpoint"), _typed("sessions")
    risk = request.args.get("risk", "")
    counted = int(sessions) if sessions.isdecimal() and len(sessions) < 5 else None
    if sessions and (counted is None or counted > MOST_SESSIONS):
        raise Refused(
            f"Sessions elsewhere: a number up to {MOST_SESSIONS}.",
            f"다른 단말의 접속 수는 {MOST_SESSIONS} 이하의 숫자로 입력하십시오.",
        )
    host, method = request.args.get("nas", ""), request.args.get("method", "")
    return Supposed(
        method=Method(method) if method in set(Method) else None,
        site=_typed("site"),
        nas_group=_typed("group"),
        ssid=_typed("ssid"),
        source=_source(),
        mac=read_mac(mac) if mac else "",
        sessions=counted,
        risk=Level(risk) if risk in set(Level) else None,
        host=host if host in {each.key for each in hosts_of(user)} else "",
        code_age_s=0.0 if request.args.get("code") == "fresh" else None,
    )


def _typed(name: str) -> str:
    return request.args.get(name, "").strip()


def _source() -> IPv4Address | IPv6Address | None:
    typed = _typed("source")
    try:
        return ip_address(typed) if typed else None
    except ValueError:
        raise Refused(
            f"{typed} is no address, such as 203.0.113.7.",
            f"{typed}은(는) 203.0.113.7과 같은 주소가 아닙니다.",
        ) from None
