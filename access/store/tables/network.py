"""Tables of what stands in the network: gateways, NASes, endpoints, authorities and certificates. ◆"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from access.store.tables.columns import METADATA, row_id

devices = Table(
    "devices",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(40), nullable=False, comment="a key of vpn.drivers.DRIVERS"),
    Column("address", String(400), nullable=False, comment="netns:NAME, local:, ssh://..."),
    Column("pools", Text, nullable=False, comment="JSON list of networks sessions may have addresses in"),
    Column("site", String(100), nullable=False, server_default=""),
    Column("seen_at", Double),
    Column("failed_at", Double),
    Column("failure", Text),
    Column(
        "drift", Integer, nullable=False, server_default="0", comment="elements the last reconcile put right"
    ),
    Column("drift_at", Double),
    sqlite_autoincrement=True,
)

nas = Table(
    "nas",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", String(100), nullable=False, unique=True),
    Column("network", String(64), nullable=False, comment="address or CIDR"),
    Column("binding", String(36), nullable=False, unique=True),
    Column("secret", LargeBinary, nullable=False),
    Column("second_secret", LargeBinary),
    Column("message_authenticator", String(10), nullable=False, server_default="require"),
    Column("code", String(10), nullable=False, server_default="appended"),
    Column("code_digits", Integer, nullable=False, server_default="6"),
    Column("via", String(10), nullable=False),
    Column("vendor", String(40), nullable=False, server_default="generic"),
    Column("site", String(100), nullable=False, server_default=""),
    Column("nas_group", String(100), nullable=False, server_default=""),
    Column("mab", Boolean, nullable=False, server_default=false()),
    Column("eap", Boolean, nullable=False, server_default=true()),
    Column(
        "eap_methods",
        String(100),
        nullable=False,
        server_default="",
        comment="in order of preference, with commas; empty: the usual ones",
    ),
    Column("gateway_id", ForeignKey("devices.id"), comment="the gateway that enforces its sessions"),
    Column("coa_port", Integer, nullable=False, server_default="3799"),
    Column("enabled", Boolean, nullable=False, server_default=true()),
    Column("signs_since", Double, comment="when it first signed a request that need not be"),
    Column("secret_seen_at", Double, comment="when it last used its secret while there were two"),
    Column("second_secret_seen_at", Double, comment="when it last used the second one"),
    sqlite_autoincrement=True,
)

nas_certificates = Table(
    "nas_certificates",
    METADATA,
    row_id(),
    Column("nas_id", ForeignKey("nas.id"), nullable=False),
    Column("pin", String(12), nullable=False, comment="fingerprint or name"),
    Column("value", String(253), nullable=False, comment="SHA-256 in hex, or a DNS name"),
    UniqueConstraint("pin", "value"),
    sqlite_autoincrement=True,
)

endpoints = Table(
    "endpoints",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("mac", String(17), nullable=False, unique=True, comment="aa-bb-cc-dd-ee-ff"),
    Column("name", String(100), nullable=False, server_default=""),
    Column("owner", String(200), nullable=False, server_default=""),
    Column("valid_until", Double),
    Column("dot1x_at", Double, comment="when its address last logged in by 802.1X"),
    Column("dot1x_place", String(400), nullable=False, server_default=""),
    Column("phone", Boolean, nullable=False, server_default=false(), comment="its port is never bounced"),
    Column("managed", Boolean, nullable=False, server_default=false(), comment="the company manages it"),
    sqlite_autoincrement=True,
)

authorities = Table(
    "authorities",
    METADATA,
    row_id(),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("name", String(80), nullable=False, unique=True, comment="that of its list of revocations"),
    Column("binding", String(36), nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False, comment="DER"),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("issues", Boolean, nullable=False, server_default=true(), comment="one of each organization"),
    Column("created_at", Double, nullable=False),
    Column("crl", LargeBinary, comment="DER; NULL where something was revoked since"),
    Column("crl_at", Double),
    Column("crl_number", BigInteger, nullable=False, server_default="0"),
    Index("ix_authorities_organization_id", "organization_id"),
    sqlite_autoincrement=True,
)

certificates = Table(
    "certificates",
    METADATA,
    row_id(),
    Column("key", String(130), nullable=False, unique=True, comment="authority and serial number"),
    Column("authority_id", ForeignKey("authorities.id"), nullable=False),
    Column("organization_id", ForeignKey("organizations.id"), nullable=False),
    Column("user_id", ForeignKey("users.id")),
    Column("endpoint_id", ForeignKey("endpoints.id")),
    Column("holder", String(200), nullable=False),
    Column("device", String(100), nullable=False, server_default=""),
    Column("serial", String(40), nullable=False, comment="hexadecimal"),
    Column("der", LargeBinary, nullable=False),
    Column("not_after", Double, nullable=False),
    Column("valid_until", Double, nullable=False, comment="sooner than not_after once it is renewed"),
    Column("issued_at", Double, nullable=False),
    Column("renews", BigInteger, comment="the certificate before"),
    Column("revoked_at", Double),
    Column("revocation", String(30), comment="why, as RFC 5280 calls it"),
    Index("ix_certificates_user_id", "user_id"),
    Index("ix_certificates_endpoint_id", "endpoint_id"),
    Index("ix_certificates_authority_id_not_after", "authority_id", "not_after"),
    sqlite_autoincrement=True,
)

pickups = Table(
    "pickups",
    METADATA,
    Column("certificate_id", ForeignKey("certificates.id"), primary_key=True),
    Column("file", LargeBinary, nullable=False, comment="sealed: PKCS#12, under a password nobody keeps"),
    Column("valid_until", Double, nullable=False),
    Index("ix_pickups_valid_until", "valid_until"),
)
