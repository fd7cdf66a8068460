"""The one root of everything this package raises."""


class RadiusError(Exception):
    """Anything radius raises on purpose; the subclass says whose fault it is."""


class TooLong(RadiusError):
    """We were asked to encode what does not fit on the wire: the caller's fault."""
