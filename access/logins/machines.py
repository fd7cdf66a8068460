"""How a machine of Active Directory names itself, and what its account is called."""

MACHINE = "host/"


def machine_account(text: str) -> tuple[str, str] | None:
    """Return the account and the domain of host/NAME.DOMAIN: (name$, domain); None for other names.

    The domain is empty where there is none.
    """
    if text[: len(MACHINE)].lower() != MACHINE:
        return None
    name, _, domain = text[len(MACHINE) :].partition(".")
    return (f"{name}$", domain) if name else None
