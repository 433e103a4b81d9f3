"""QR codes as the console shows them."""

import io

import segno


def qr_svg(text: str) -> str:
    """Return a text as a QR code, an SVG document of its own: without its namespace no browser shows it as an image."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, light="#fff", xmldecl=False, nl=False
    )
    return drawn.getvalue().decode()
