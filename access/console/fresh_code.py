"""Pages that change what others rely on: for those who have just proven a code. ◆"""

from collections.abc import Callable
from functools import wraps

from flask import redirect
from flask.typing import ResponseReturnValue

from access.console.current import now, visitor
from access.console.languages import language
from access.errors import Refused

View = Callable[..., ResponseReturnValue]


def by_fresh_code(
    back: Callable[..., str], shown: Callable[..., ResponseReturnValue]
) -> Callable[[View], View]:
    """Return what makes a view one for those who have proven a code within ten minutes.

    Others are asked for one first and come to the path that back gives. What the use case refuses is shown by
    shown, with its sentence. Both take what the view takes from its path.
    """

    def around(view: View) -> View:
        @wraps(view)
        def checked(**values: int) -> ResponseReturnValue:
            if not visitor().session.fresh(now()):
                return redirect(f"/confirm?next={back(**values)}", 303)
            try:
                return view(**values)
            except Refused as refused:
                return shown(refused.to(language()), **values)

        return checked

    return around
