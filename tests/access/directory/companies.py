"""The directories of the two companies as our settings see them."""

from dataclasses import replace

from access.directory.settings import DirectorySettings, Tls
from tests.peers.people import Company
from tests.peers.slapd import Slapd


def settings_of(slapd: Slapd, company: Company) -> DirectorySettings:
    """Plain LDAP on loopback, bound as the administrator."""
    return DirectorySettings(
        url=slapd.uri,
        tls=Tls.NONE,
        bind_dn=slapd.admin_dn(company),
        bind_password=slapd.admin_password,
        user_base=f"ou=people,{company.suffix}",
        group_base=f"ou=groups,{company.suffix}",
    )


def over_starttls(slapd: Slapd, company: Company) -> DirectorySettings:
    ca_file = str(slapd.certificates.authority)
    return replace(settings_of(slapd, company), tls=Tls.STARTTLS, ca_file=ca_file)


def over_ldaps(slapd: Slapd, company: Company) -> DirectorySettings:
    ca_file = str(slapd.certificates.authority)
    return replace(settings_of(slapd, company), url=slapd.tls_uri, tls=Tls.LDAPS, ca_file=ca_file)
