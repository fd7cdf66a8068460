"""What a browser is asked for a passkey, and whether its answer is right (W3C WebAuthn Level 2, section 7).

The library `webauthn` reads what authenticators write and checks signatures. Beside its rules stand ours: the
challenge is the one of this session, the user was verified, attestation is neither asked for nor taken, a
page framed by another site asks in vain, keys are ES256, EdDSA or RS256 and of a size that counts. Counts of
signatures are for the caller to judge, once the signature is known to be right: otherwise anybody could raise
an alarm about somebody else's passkey.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.cose import COSECRV, COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import (
    DecodedEC2PublicKey,
    DecodedOKPPublicKey,
    DecodedRSAPublicKey,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from access.errors import AccessError
from access.model import User
from access.proof.passkey import CHALLENGE_S, Registered, RelyingParty, StoredPasskey, known_transports

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
LEAST_RSA_BITS = 2048
# An attestation object of a key and a long credential id has about 1,500 octets.
LONGEST_ANSWER = 32 * 1024
LONGEST_CREDENTIAL_ID = 1023
# What reading something broken comes to, in the library and below it.
_BROKEN = (
    WebAuthnException,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
)

Answered = TypeVar("Answered")


class BadPasskey(AccessError):
    """What a browser sent proves nothing: broken, for somebody else, or made somewhere else."""


def user_handle(user_id: int) -> bytes:
    """Return what an authenticator keeps a person under: 32 octets that tell nothing about them."""
    return hashlib.sha256(f"officegate user handle {user_id}".encode()).digest()


def creation_options(
    party: RelyingParty, challenge: bytes, user: User, company: str, held: Iterable[StoredPasskey]
) -> str:
    """Return what navigator.credentials.create() is asked, as JSON. What is held cannot be made again."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=company,
        user_name=f"{user.name}@{user.organization}",
        user_id=user_handle(user.id),
        user_display_name=user.display_name or user.name,
        challenge=challenge,
        timeout=round(CHALLENGE_S * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(held),
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json(options)


def request_options(party: RelyingParty, challenge: bytes, held: Iterable[StoredPasskey]) -> str:
    """Return what navigator.credentials.get() is asked, as JSON."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=round(CHALLENGE_S * 1000),
        allow_credentials=_descriptors(held),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def check_registration(party: RelyingParty, challenge: bytes, answer: str) -> Registered:
    """Return the credential that a browser's answer brings. Raises BadPasskey."""
    return _read(answer, lambda told: _registered(party, challenge, told))


def check_assertion(
    party: RelyingParty, challenge: bytes, answer: str, held: Iterable[StoredPasskey]
) -> tuple[StoredPasskey, int]:
    """Return which of a person's passkeys has signed the challenge, and its count. Raises BadPasskey."""
    known = {each.credential_id: each for each in held}
    return _read(answer, lambda told: _asserted(party, challenge, told, known))


def _read(answer: str, judge: Callable[[dict[str, object]], Answered]) -> Answered:
    """Return what judge makes of an answer; whatever it trips over is one error."""
    if len(answer) > LONGEST_ANSWER:
        raise BadPasskey("The answer is too long for one of a browser.")
    try:
        told = json.loads(answer)
        if not isinstance(told, dict) or not isinstance(told.get("response"), dict):
            raise BadPasskey("The answer is none of a browser.")
        return judge(told)
    except _BROKEN as error:
        raise BadPasskey(str(error)) from None


def _registered(party: RelyingParty, challenge: bytes, told: dict[str, object]) -> Registered:
    response = told["response"]
    assert isinstance(response, dict)
    _refuse_framed(response)
    attestation = parse_attestation_object(base64url_to_bytes(response["attestationObject"]))
    own = attestation.fmt == AttestationFormat.PACKED and not attestation.att_stmt.x5c
    if attestation.fmt != AttestationFormat.NONE and not own:
        raise BadPasskey("It brings an attestation, which nobody asked for.")
    made = verify_registration_response(
        credential=told,
        expected_challenge=challenge,
        expected_rp_id=party.id,
        expected_origin=party.origin,
        require_user_verification=True,
        supported_pub_key_algs=ALGORITHMS,
    )
    if base64url_to_bytes(str(told["rawId"])) != made.credential_id:
        raise BadPasskey("It is known by another name than its authenticator gave it.")
    if len(made.credential_id) > LONGEST_CREDENTIAL_ID:
        raise BadPasskey("Its name is longer than the standard allows.")
    _refuse_weak(made.credential_public_key)
    transports = known_transports(response.get("transports"))
    return Registered(
        made.credential_id, made.credential_public_key, made.sign_count, made.aaguid, transports
    )


def _asserted(
    party: RelyingParty, challenge: bytes, told: dict[str, object], held: dict[bytes, StoredPasskey]
) -> tuple[StoredPasskey, int]:
    response = told["response"]
    assert isinstance(response, dict)
    _refuse_framed(response)
    known = held.get(base64url_to_bytes(str(told["rawId"])))
    if known is None:
        raise BadPasskey("It is no passkey of this person.")
    said = response.get("userHandle")
    if said and not hmac.compare_digest(base64url_to_bytes(said), user_handle(known.user_id)):
        raise BadPasskey("Its authenticator made it for somebody else.")
    right = verify_authentication_response(
        credential=told,
        expected_challenge=challenge,
        expected_rp_id=party.id,
        expected_origin=party.origin,
        credential_public_key=known.public_key,
        # The library would judge the count before the signature.
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    return known, right.new_sign_count


def _refuse_framed(response: dict[str, object]) -> None:
    if parse_client_data_json(base64url_to_bytes(str(response["clientDataJSON"]))).cross_origin:
        raise BadPasskey("It was asked for from within a page of another site.")


def _refuse_weak(public_key: bytes) -> None:
    """Read the key as a signature would be checked with it, now rather than at the first sign-in."""
    key = decode_credential_public_key(public_key)
    decoded_public_key_to_cryptography(key)
    algorithm = COSEAlgorithmIdentifier(key.alg)
    fits = {
        COSEAlgorithmIdentifier.ECDSA_SHA_256: isinstance(key, DecodedEC2PublicKey)
        and key.crv == COSECRV.P256,
        COSEAlgorithmIdentifier.EDDSA: isinstance(key, DecodedOKPPublicKey),
        COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256: isinstance(key, DecodedRSAPublicKey)
        and int.from_bytes(key.n).bit_length() >= LEAST_RSA_BITS,
    }
    if not fits.get(algorithm, False):
        raise BadPasskey("Its key is not ES256, EdDSA or RS256 of at least 2048 bits.")


def _descriptors(held: Iterable[StoredPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=each.credential_id, transports=[AuthenticatorTransport(one) for one in each.transports]
        )
        for each in held
    ]
