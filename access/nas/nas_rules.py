"""What fits together in a NAS client, and what cannot work: each rule says why and what to write instead.

The code against the EAP methods:

    method     password travels   code appended          code asked for
    tls        none               needs none             needs none
    peap       GTC inside         yes                    yes, by GTC inside
    ttls       PAP inside         yes                    only with GTC inside
    gtc        as it is           yes                    yes
    mschapv2   as a hash          nothing to cut it off  no room for it
    md5        as a hash          nothing to cut it off  no room for it

What travels as a hash needs something to be compared with, which not every company has at every door.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from access.directory.mschap import Source
from access.model import Bilingual, Via
from access.nas.registry import BadNas, Code, EapMethod, MessageAuthenticator, NasClient, check_secret
from access.proof.network_password import DOORS

# In the order of preference of a NAS that names none: what needs no password first.
USUAL_METHODS = (EapMethod.TLS, EapMethod.PEAP, EapMethod.TTLS)
HASHED = frozenset({EapMethod.MSCHAPV2, EapMethod.MD5})
WITHOUT_KEYS = frozenset({EapMethod.GTC, EapMethod.MD5})
# Methods that can ask for a code, or need none.
PROMPTING = frozenset({EapMethod.TLS, EapMethod.PEAP, EapMethod.GTC})

# At which doors the hash that a method sends can be compared with something.
Compared = Mapping[EapMethod, frozenset[Via]]
ANYWHERE: Compared = {method: frozenset(Via) for method in HASHED}


def where_compared(companies: Iterable[tuple[Collection[str], bool]]) -> Compared:
    """At which doors hashes can be compared.

    Of each company: who can tell about MSCHAPv2, and whether its people may have network passwords.
    """
    mschapv2, md5 = set[Via](), set[Via]()
    for sources, has_network_passwords in companies:
        own = DOORS if has_network_passwords else ()
        md5.update(own)
        mschapv2.update(own if Source.NETWORK_PASSWORD in sources else ())
        mschapv2.update(Via if Source.SAMBA in sources or Source.NTLM_AUTH in sources else ())
    return {EapMethod.MSCHAPV2: frozenset(mschapv2), EapMethod.MD5: frozenset(md5)}


def eap_methods(client: NasClient) -> tuple[EapMethod, ...]:
    """The methods a NAS may use, the preferred one first; none where it may use no EAP."""
    return (client.eap_methods or USUAL_METHODS) if client.eap else ()


def read_methods(text: str) -> tuple[EapMethod, ...]:
    """The methods in a list with commas, each named once. Raises BadNas."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    known = ", ".join(EapMethod)
    for name in names:
        if name not in set(EapMethod):
            raise BadNas(
                f"{name} is no EAP method that can be offered. There are: {known}.",
                f"{name}은(는) 쓸 수 있는 EAP 방식이 아닙니다. 쓸 수 있는 것: {known}.",
            )
    if len(set(names)) < len(names):
        raise BadNas(
            f"{text} names a method twice. Write each once, the preferred one first.",
            f"{text}에 같은 방식이 두 번 있습니다. 선호하는 순서대로 한 번씩만 적으십시오.",
        )
    return tuple(map(EapMethod, names))


def problems(client: NasClient, compared: Compared) -> list[Bilingual]:
    """Why a NAS client cannot work as it is; empty where it can."""
    return [*(why for rule in RULES for why in rule(client)), *_hashes(client, compared)]


def refuse_problems(client: NasClient, compared: Compared) -> None:
    """Raise BadNas where a NAS client cannot work."""
    found = problems(client, compared)
    if found:
        english, korean = (" ".join(why.to(language) for why in found) for language in ("en", "ko"))
        raise BadNas(f"{client.name}: {english}", f"{client.name}: {korean}")


def sharers(client: NasClient, others: Iterable[NasClient]) -> list[str]:
    """The names of the other NAS clients that have one of this one's secrets."""
    return [
        other.name
        for other in others
        if other.id != client.id and other.enabled and _share(client.secrets, other.secrets)
    ]


def _share(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in ours for other in theirs)


def _secrets(client: NasClient) -> Iterator[Bilingual]:
    for secret in client.secrets:
        try:
            check_secret(secret)
        except BadNas as error:
            yield Bilingual(ko=error.to("ko"), en=str(error))


def _network(client: NasClient) -> Iterator[Bilingual]:
    if client.network.prefixlen == 0:
        yield Bilingual(
            en=f"{client.network} is the whole world: name the networks that your devices are in.",
            ko=f"{client.network}은(는) 모든 주소를 뜻합니다. 장비가 있는 네트워크를 입력하십시오.",
        )
    many = client.network.num_addresses > 1
    if many and client.message_authenticator is MessageAuthenticator.AUTO:
        yield Bilingual(
            en=f"{client.network} is many devices, and what one of them does says nothing about the others:"
            " --message-authenticator auto needs an address of its own. Use require, or off.",
            ko=f"{client.network}에는 장비가 여럿 있을 수 있어 Message-Authenticator auto를 쓸 수 없습니다."
            " 주소 하나만 지정하거나 require 또는 off를 고르십시오.",
        )


def _methods(client: NasClient) -> Iterator[Bilingual]:
    named = client.eap_methods
    if named and not client.eap:
        yield Bilingual(
            en="EAP methods are named, but this NAS may not use EAP. Leave one of the two out.",
            ko="EAP를 쓰지 않는 NAS에 EAP 방식이 적혀 있습니다. 둘 중 하나만 남기십시오.",
        )
    hashed = ", ".join(method for method in named if method in HASHED)
    if hashed and client.code is Code.APPENDED:
        yield Bilingual(
            en=f"{hashed} sends a hash of the password: no code behind it can be cut off (--code appended)."
            " Use peap, ttls or gtc for passwords with a code, or --code none.",
            ko=f"{hashed}은(는) 비밀번호를 해시로 보내므로 뒤에 붙인 인증 번호를 떼어 낼 수 없습니다."
            " peap, ttls, gtc를 쓰거나 인증 번호를 '없음'으로 하십시오.",
        )
    if hashed and client.code is Code.CHALLENGE:
        yield Bilingual(
            en=f"{hashed} has no room to ask for a code (--code challenge). Use peap or gtc, or --code none.",
            ko=f"{hashed}(으)로는 인증 번호를 따로 물을 수 없습니다."
            " peap나 gtc를 쓰거나 인증 번호를 '없음'으로 하십시오.",
        )
    elif named and client.code is Code.CHALLENGE and not PROMPTING.intersection(named):
        yield Bilingual(
            en=f"{', '.join(named)} has no room to ask for a code (--code challenge). Add peap, whose GTC can"
            " ask, or use --code appended.",
            ko=f"{', '.join(named)}(으)로는 인증 번호를 따로 물을 수 없습니다."
            " peap를 더하거나 인증 번호를 비밀번호 뒤에 입력하게 하십시오.",
        )
    keyless = ", ".join(method for method in named if method in WITHOUT_KEYS)
    if keyless and client.via is Via.WIRELESS:
        yield Bilingual(
            en=f"{keyless} makes no keys, and without them an access point cannot encrypt."
            " Use tls, peap, ttls or mschapv2 on Wi-Fi.",
            ko=f"{keyless}은(는) 키를 만들지 않아 무선 AP가 암호화할 수 없습니다."
            " Wi-Fi에서는 tls, peap, ttls, mschapv2를 쓰십시오.",
        )


def _hashes(client: NasClient, compared: Compared) -> Iterator[Bilingual]:
    for method in client.eap_methods:
        if method not in HASHED or client.via in compared[method]:
            continue
        yield Bilingual(
            en=f"Nobody could log in by {method} at --via {client.via}: no company has anything there to"
            f" compare its hash with. {_REMEDIES[method].en} Or use tls, peap, ttls or gtc.",
            ko=f"{client.via} 접속에는 {method} 해시와 비교할 것이 없어 아무도 로그인할 수 없습니다."
            f" {_REMEDIES[method].ko} 또는 tls, peap, ttls, gtc를 쓰십시오.",
        )


_OWN = Bilingual(
    en="A network password counts on wires and access points alone.",
    ko="네트워크 비밀번호는 유선과 Wi-Fi에서만 쓸 수 있습니다.",
)
_REMEDIES = {
    EapMethod.MSCHAPV2: Bilingual(
        en=f"{_OWN.en} Set organizations.KEY.directory.mschap to sambaNTPassword or ntlm_auth.",
        ko=f"{_OWN.ko} organizations.KEY.directory.mschap을 sambaNTPassword나 ntlm_auth로 설정하십시오.",
    ),
    EapMethod.MD5: _OWN,
}
RULES: tuple[Callable[[NasClient], Iterator[Bilingual]], ...] = (_secrets, _network, _methods)
