"""The QR code of an otpauth link, drawn into the page: it never becomes a file or an address."""

import io

import segno
from markupsafe import Markup

# Modules of white around it (ISO/IEC 18004 section 5.3.8), white also where the page is dark.
QUIET_ZONE = 4


def qr(text: str, label: str) -> Markup:
    """An SVG that scales with its box. label tells what it is to those who cannot see it."""
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(
        drawn,
        kind="svg",
        border=QUIET_ZONE,
        xmldecl=False,
        svgns=True,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        nl=False,
    )
    # segno writes nothing into the drawing but numbers.
    svg = Markup(drawn.getvalue().decode())  # noqa: S704
    return Markup('<div class="qr-frame" role="img" aria-label="{}">{}</div>').format(label, svg)
