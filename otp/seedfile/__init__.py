"""Files in which vendors and other servers hand over tokens: octets in, records out.

FORMATS is the table of what can be read. A new format is one file and one line here. Whatever the octets are,
a reader raises SeedFileError and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from otp.seedfile import (
    google_migration,
    oath_csv,
    otpauth_list,
    privacyidea,
    pskc,
    yubikey_csv,
)
from otp.seedfile.record import SeedFile, Unlock


@dataclass(frozen=True)
class Format:
    """How files of one format are read, and what they are, in one line."""

    read: Callable[[bytes, Unlock], SeedFile]
    what: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "pskc": Format(pskc.read, "PSKC, the XML of RFC 6030: in clear, or under a key or a password"),
        "oath-csv": Format(oath_csv.read, "serial, secret, type, digits, period or counter ..."),
        "yubikey-csv": Format(yubikey_csv.read, "the log of Yubico's personalization tool, its HOTP keys"),
        "privacyidea": Format(privacyidea.read_pi, "pi-tokenjanitor find export --format pi"),
        "privacyidea-yaml": Format(privacyidea.read_yaml, "pi-tokenjanitor find export --format yaml"),
        "privacyidea-csv": Format(privacyidea.read_csv, "pi-tokenjanitor find export --format csv"),
        "linotp-csv": Format(oath_csv.read_linotp, "OATH CSV as LinOTP has it: the fifth column is a period"),
        "google": Format(google_migration.read, "otpauth-migration:// links of Google Authenticator"),
        "otpauth": Format(otpauth_list.read, "otpauth:// links, one a line"),
    }
)
