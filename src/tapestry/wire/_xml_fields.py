"""XML that others send: parsed without document types and entities, read by the names of elements."""

from collections.abc import Iterator
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from tapestry.model import DeviceFault


def xml_root(body: bytes) -> Any:
    """Return the root of a document.

    Raises:
        DeviceFault: Not well-formed, or with a document type or an entity of its own.
    """
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as err:
        raise DeviceFault(f"body is no plain XML: {str(err)[:100]}") from err


def xml_named(root: Any, *names: str) -> Iterator[Any]:
    """Yield the elements of these names, whatever their name space, in order; the root too."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] in names:
            yield element


def xml_texts(element: Any) -> dict[str, str]:
    """Return the text of each child by its name; of several of one name the first, and no empty ones."""
    found: dict[str, str] = {}
    for child in element:
        text = (child.text or "").strip()
        if isinstance(child.tag, str) and text:
            found.setdefault(child.tag.rpartition("}")[2], text)
    return found
