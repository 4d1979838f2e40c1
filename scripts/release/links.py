"""Links of the documents in a package. Those that lead to nothing in it are taken off."""

import posixpath
import re

# Code has no links. A picture is one.
LINK = re.compile(r"```.*?```|!?\[([^\[\]]*)\]\(([^()\s]+)\)", re.DOTALL)


def target(place, link):
    """The path that a link of the document at `place` leads to, or None if it leads elsewhere or within the document."""
    path = link.partition("#")[0]
    if not path or re.match(r"[a-z]+:", link):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(place), path))


def without_those_that_lead_out(documents, names):
    """The documents, path and text, with the words of a link in its place where it leads to no file of these names."""
    def kept(place, link):
        leads_out = link[2] is not None and target(place, link[2]) not in (None, *names)
        return link[1] if leads_out else link[0]

    return {place: LINK.sub(lambda link: kept(place, link), text) for place, text in documents.items()}


def broken(documents, names):
    """Links of these documents that lead to no file of these names: `document: link`."""
    found = ((place, link[2]) for place, text in documents.items() for link in LINK.finditer(text) if link[2])
    return [f"{place}: {link}" for place, link in found if target(place, link) not in (None, *names)]
