"""The XML of a PSKC file: elements by their names, whatever prefix a vendor gave them.

Namespaces are not compared: RFC 6030 itself leaves the children of PBKDF2-params in none (figure 7), and
vendors put whole files into others.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from otp.seedfile.record import SeedFileError

_DEEPEST = 30


def parse(content: bytes) -> Element:
    """Return the root. Raises SeedFileError: not XML, or with entities or a DTD, which no key file needs."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise SeedFileError("the file", "it has a document type or entities: nothing of it is read") from None
    except ParseError as error:
        line, column = error.position
        raise SeedFileError(f"line {line}, column {column}", "it is not well-formed XML") from None
    except (ValueError, LookupError, RecursionError, MemoryError):
        raise SeedFileError("the file", "it is not XML that can be read") from None
    _refuse_depth(root)
    return root


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace; empty for what is none, such as a remark."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first element down a path of names; None where there is none."""
    for name in path:
        element = None if element is None else next(children(element, name), None)
    return element


def children(element: Element, name: str) -> Iterator[Element]:
    """Yield the children of that name."""
    return (each for each in element if name_of(each) == name)


def text_of(element: Element | None, *path: str) -> str:
    """Return the text down a path, without the space around it; empty where there is none."""
    found = child(element, *path)
    return (found.text or "").strip() if found is not None else ""


def attribute(element: Element | None, name: str) -> str:
    """Return an attribute; empty where there is none."""
    return "" if element is None else (element.get(name) or "").strip()


def _refuse_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise SeedFileError("the file", "its elements are nested too deeply for a key file")
        level = [each for element in level for each in element]
