"""What results of pairs are called, in the archives of published methods."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mmposetransfer.datasets.names import picture_id
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.file_names import pair_name, result_name
from mmposetransfer.utils.build_errors import did_you_mean

__all__ = ['SCHEMES', 'NamePattern', 'Scheme', 'find_scheme', 'result_stem']

# Some names keep the endings of the pictures that they are made of, as
# 'a.jpg___b.jpg_vis.jpg': a name is compared without any of them.
_INNER_ENDINGS = re.compile(
    r'\.(?:jpe?g|png|bmp|webp)(?=___|_2_|_|$)', re.IGNORECASE
)
_FIELDS = ('reference', 'target', 'number', 'name')
_FIELD = re.compile(r'\{(\w*)\}')


class NamePattern:
    """A form of file names, such as '{reference}_2_{target}_vis'.

    Args:
        text: With '{reference}' and '{target}', which stand for the names of
            pictures without folders and endings; '{number}', the place in
            the list, from 0; or '{name}', what the names of result, truth
            and reference of one pair have in common.

    Raises:
        ValueError: For another field, or if there is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields = tuple(_FIELD.findall(text))
        for field in self.fields:
            if field not in _FIELDS:
                raise UserValueError(
                    f"the form of names '{text}' has the field "
                    f"'{{{field}}}'; known are "
                    f'{", ".join(f"{{{name}}}" for name in _FIELDS)}'
                )
        if not self.fields or len({*self.fields}) < len(self.fields):
            raise UserValueError(
                f"the form of names '{text}' needs a field, and each once, "
                "such as '{reference}_2_{target}_vis' or '{name}_result'"
            )
        parts = _FIELD.split(text)  # text and fields in turn
        self._regex = re.compile(
            ''.join(
                f'(?P<{part}>.+)' if place % 2 else re.escape(part)
                for place, part in enumerate(parts)
            )
        )

    def of_pair(self, reference: str, target: str) -> Iterator[str]:
        """How the result of a pair may be called, the surest first.

        Args:
            reference: Name of the picture, as the list has it.
            target: Likewise.

        Yields:
            Stems, as `result_stem` gives them, in the folder of the first
            picture that they name.
        """
        ids = picture_id(reference), picture_id(target)
        lasts = [text.rpartition('/')[2] for text in ids]
        flat = [text.replace('/', '-') for text in ids]
        folder = ids['reference' not in self.fields].rpartition('/')[0]
        yield self._filled(*flat)
        if folder:
            yield f'{folder}/{self._filled(lasts[0], flat[1])}'
            yield f'{folder}/{self._filled(*lasts)}'
        elif flat != lasts:
            yield self._filled(*lasts)
        if self.text == '{reference}_{target}':
            # As this library writes them: shortened, and in safe letters.
            sample = dict(ref_id=ids[0], tgt_id=ids[1])
            yield result_name(sample, 0)
            yield pair_name(sample, 0)

    def of_number(self, number: int) -> str:
        """The same of the place in a list, without leading zeros."""
        return self.text.replace('{number}', str(number))

    def parsed(self, stem: str) -> dict[str, str] | None:
        """The fields of a name; None of a name of another form.

        Args:
            stem: As `result_stem` gives it.
        """
        match = self._regex.fullmatch(stem)
        return match and match.groupdict()

    def _filled(self, reference: str, target: str) -> str:
        return _INNER_ENDINGS.sub(
            '',
            self.text.replace('{reference}', reference).replace(
                '{target}', target
            ),
        )


class Scheme(NamedTuple):
    """A form of names that published results have.

    Attributes:
        name: What the command line calls it.
        pattern: The form.
        used_by: Whose results are called so.
    """

    name: str
    pattern: NamePattern
    used_by: str


#: By name; where several fit equally well the first one counts.
SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Scheme(
            'gfla',
            NamePattern('{reference}_2_{target}_vis'),
            'GFLA, DPTN, NTED, PIDM',
        ),
        Scheme(
            'patn',
            NamePattern('{reference}___{target}_vis'),
            'PATN, as sheets of five panels or cut',
        ),
        Scheme('to', NamePattern('{reference}_2_{target}'), ''),
        Scheme(
            'pair',
            NamePattern('{reference}_{target}'),
            'DIPT, this library; Deformable GANs, as sheets of three panels',
        ),
        Scheme('target', NamePattern('{target}'), ''),
        Scheme('number', NamePattern('{number}'), 'places in the list'),
    )
}


def find_scheme(text: str) -> Scheme:
    """A scheme by its name, or one of a form of its own.

    Args:
        text: Such as 'gfla' or '{reference}-{target}'.

    Returns:
        The scheme.

    Raises:
        ValueError: If it is neither a name nor a form.
    """
    if text in SCHEMES:
        return SCHEMES[text]
    if '{' in text:
        return Scheme(text, NamePattern(text), '')
    raise UserValueError(
        f"there is no scheme of names '{text}'.{did_you_mean(text, SCHEMES)} "
        f'Known are {", ".join(SCHEMES)}, or a form such as '
        "'{reference}-{target}'."
    )


def result_stem(name: str) -> str:
    """A file's name in the form in which names are compared.

    Args:
        name: Path within the folder of results.

    Returns:
        With '/', composed accents, and without the endings of pictures.
    """
    return _INNER_ENDINGS.sub('', picture_id(name))
