"""PSKC files put together for tests: the parts of one, and the values of the examples in RFC 6030."""

from base64 import b64encode

PROFILE = "urn:ietf:params:xml:ns:keyprov:pskc:"
AES128 = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
HMAC_SHA1 = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"
RFC_SECRET = b"12345678901234567890"
RFC_KEY = bytes.fromhex("12345678901234567890123456789012")
# Figure 6: what the pre-shared key encrypts, and the MAC over it.
FIGURE_6 = {
    "mac_key": "ESIzRFVmd4iZABEiM0RVZgKn6WjLaTC1sbeBMSvIhRejN9vJa2BOlSaMrR7I5wSX",
    "secret": "AAECAwQFBgcICQoLDA0OD+cIHItlB3Wra1DUpxVvOx2lef1VmNPCMl8jwZqIUqGv",
    "mac": "Su+NvtQfmvfJzF6bmQiJqoLRExc=",
}
# Figure 7: the same under the password qwerty.
FIGURE_7 = {
    "mac_key": "2GTTnLwM3I4e5IO5FkufoOEiOhNj91fhKRQBtBJYluUDsPOLTfUvoU2dStyOwYZx",
    "secret": "oTvo+S22nsmS2Z/RtcoF8Hfh+jzMe0RkiafpoDpnoZTjPYZu6V+A4aEn032yCr4f",
    "mac": "LP6xMvjtypbfT9PdkJhBZ+D6O4w=",
}
FIGURE_7_SALT = "Ej7/PEpyEpw="


def container(*parts: str, version: str = "1.0") -> bytes:
    """Return a whole file."""
    spaces = (
        'xmlns="urn:ietf:params:xml:ns:keyprov:pskc" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
        'xmlns:x="http://www.w3.org/2001/04/xmlenc#" xmlns:x11="http://www.w3.org/2009/xmlenc11#"'
    )
    return f'<KeyContainer Version="{version}" {spaces}>{"".join(parts)}</KeyContainer>'.encode()


def pre_shared() -> str:
    return "<EncryptionKey><ds:KeyName>Pre-shared-key</ds:KeyName></EncryptionKey>"


def derived(
    salt: str = FIGURE_7_SALT, iterations: str = "1000", length: str = "16", prf: str = "<PRF/>"
) -> str:
    parameters = f"<Salt><Specified>{salt}</Specified></Salt><IterationCount>{iterations}</IterationCount>"
    parameters += f"<KeyLength>{length}</KeyLength>{prf}"
    algorithm = "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2"
    method = f'<x11:KeyDerivationMethod Algorithm="{algorithm}"><PBKDF2-params>{parameters}</PBKDF2-params>'
    return (
        f"<EncryptionKey><x11:DerivedKey>{method}</x11:KeyDerivationMethod></x11:DerivedKey></EncryptionKey>"
    )


def cipher(value: str, algorithm: str = AES128) -> str:
    data = f"<x:CipherData><x:CipherValue>\n {value}\n</x:CipherValue></x:CipherData>"
    return f'<x:EncryptionMethod Algorithm="{algorithm}"/>{data}'


def mac_method(value: str, algorithm: str = HMAC_SHA1) -> str:
    return f'<MACMethod Algorithm="{algorithm}"><MACKey>{cipher(value)}</MACKey></MACMethod>'


def encrypted(value: str, mac: str | None, algorithm: str = AES128) -> str:
    told = "" if mac is None else f"<ValueMAC>{mac}\n</ValueMAC>"
    return f"<EncryptedValue>{cipher(value, algorithm)}</EncryptedValue>{told}"


def plain(value: str) -> str:
    return f"<PlainValue>\n{value}\n</PlainValue>"


def secret_in_clear(secret: bytes = RFC_SECRET) -> str:
    return plain(b64encode(secret).decode())


def package(
    secret: str,
    *,
    serial: str = "987654321",
    algorithm: str = PROFILE + "hotp",
    parameters: str = '<ResponseFormat Length="8" Encoding="DECIMAL"/>',
    data: str = "<Counter><PlainValue>0</PlainValue></Counter>",
    rest: str = "",
) -> str:
    device = f"<DeviceInfo><Manufacturer>Maker</Manufacturer><SerialNo>{serial}</SerialNo></DeviceInfo>"
    key = (
        f"<AlgorithmParameters>{parameters}</AlgorithmParameters><Data><Secret>{secret}</Secret>{data}</Data>"
    )
    return f'<KeyPackage>{device}<Key Id="1" Algorithm="{algorithm}">{key}{rest}</Key></KeyPackage>'


def figure_6(**changed: str) -> bytes:
    """Return figure 6 with values of it changed."""
    values = FIGURE_6 | changed
    return container(
        pre_shared(), mac_method(values["mac_key"]), package(encrypted(values["secret"], values["mac"]))
    )


def figure_7(**changed: str) -> bytes:
    values = FIGURE_7 | changed
    parts = derived(), mac_method(values["mac_key"]), package(encrypted(values["secret"], values["mac"]))
    return container(*parts)
