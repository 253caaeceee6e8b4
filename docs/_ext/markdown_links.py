"""Links of Markdown text, without those in code."""

import re

_CODE = re.compile(r'^(```|~~~).*?^\1|`[^`\n]+`', re.M | re.S)
_LINK = re.compile(r'(?<=\]\()[^)\s]+(?=\))')
_EXTERNAL = re.compile(r'[a-z]+:|#')


def links_outside_code(text):
    """Targets of the links and images of a page that are paths, in order."""
    return [
        match[0]
        for match in _LINK.finditer(_blank_code(text))
        if not _EXTERNAL.match(match[0])
    ]


def replace_links(text, replace):
    """The text with ``replace(target)`` for each target that is a path."""
    pieces, end = [], 0
    for match in _LINK.finditer(_blank_code(text)):
        if not _EXTERNAL.match(match[0]):
            pieces += [text[end : match.start()], replace(match[0])]
            end = match.end()
    return ''.join([*pieces, text[end:]])


def _blank_code(text):
    """Code as blanks, so that all else keeps its place."""
    return _CODE.sub(lambda match: re.sub(r'[^\n]', ' ', match[0]), text)
