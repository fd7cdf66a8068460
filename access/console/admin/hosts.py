"""The companies at whose NAS somebody would be a guest. ◆"""

from collections.abc import Sequence

from access.console.current import gate
from access.model import Organization, User


def hosts_of(user: User) -> Sequence[Organization]:
    """Every company but their own, which the page for signing in names to anybody."""
    return [each for each in gate().pages.organizations() if each.key != user.organization]
