"""The root of what `access` raises, by whose fault it is. A shell turns each into one line for people."""


class AccessError(Exception):
    """Something went wrong that a person can act on: the message says what happened and what to do next."""


class Misconfigured(AccessError):
    """The installation is set up wrongly: an operator has to change something before it can work."""


class Unavailable(AccessError):
    """The world does not answer at the moment: trying again later may work."""


class Refused(AccessError):
    """What was asked for cannot be done as it stands: whoever asked has to ask for something else."""
