"""What stands in the addresses of pages. ◆"""

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**63 - 1


class RowNumber(IntegerConverter):
    """`<int:...>` in a route: a number the database can have. Any other is an address that leads nowhere."""

    def __init__(self, routes: Map) -> None:
        super().__init__(routes, max=LARGEST)
