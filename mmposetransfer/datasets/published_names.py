"""Names of published images, and what they tell: DeepFashion, Market-1501."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from mmposetransfer.io.picture_formats import split_ending

__all__ = [
    'DEEPFASHION_CATEGORIES',
    'DeepFashionName',
    'identity_of',
    'parse_deepfashion_name',
]

#: Categories of DeepFashion In-shop, as folders of its archive.
DEEPFASHION_CATEGORIES = {
    'MEN': (
        'Denim', 'Jackets_Vests', 'Pants', 'Shirts_Polos', 'Shorts',
        'Suiting', 'Sweaters', 'Sweatshirts_Hoodies', 'Tees_Tanks'),
    'WOMEN': (
        'Blouses_Shirts', 'Cardigans', 'Denim', 'Dresses', 'Graphic_Tees',
        'Jackets_Coats', 'Leggings', 'Pants', 'Rompers_Jumpsuits', 'Shorts',
        'Skirts', 'Sweaters', 'Sweatshirts_Hoodies', 'Tees_Tanks'),
}  # yapf: disable
# Some flattened lists drop the underscore within a category, too.
_WITH_UNDERSCORE = {
    name.replace('_', ''): name
    for names in DEEPFASHION_CATEGORIES.values()
    for name in names
}
_CATEGORY = r'(?P<category>[A-Za-z]+(?:_[A-Za-z]+)*)'
_ARCHIVE = re.compile(
    rf'(?:.*/)?(?P<gender>WOMEN|MEN)/{_CATEGORY}/id_(?P<clothes>\d{{8}})/'
    r'(?P<item>\d{2})_(?P<number>\d+)_(?P<view>[A-Za-z]+)'
)
_FLAT = re.compile(
    rf'(?:.*/)?fashion(?P<gender>WOMEN|MEN){_CATEGORY}id(?P<clothes>\d{{8}})'
    r'(?P<item>\d{2})_(?P<number>\d+)(?P<view>[A-Za-z]+)'
)
_MARKET = re.compile(r'(-1|\d{4})_c\ds\d_\d{6}_\d{2}')
# Market-1501: detections that show nobody, and people of no identity.
_NOBODY = ('-1', '0000')


class DeepFashionName(NamedTuple):
    """The parts of an image's name in DeepFashion In-shop.

    Attributes:
        gender: 'MEN' or 'WOMEN'.
        category: Such as 'Tees_Tanks'.
        clothes: The eight digits of the garment.
        item: Two digits: its colour, worn by one person.
        number: Of the photograph, '1' to '7'.
        view: 'front', 'side', 'back', 'full', 'additional' or 'flat'.
        ending: With its dot, or ''.
    """

    gender: str
    category: str
    clothes: str
    item: str
    number: str
    view: str
    ending: str = ''

    @property
    def archive(self):
        """The path in the official archive."""
        return (
            f'{self.gender}/{self.category}/id_{self.clothes}/'
            f'{self.item}_{self.number}_{self.view}{self.ending}'
        )

    @property
    def flat(self):
        """One name, which the lists of pairs and keypoints use."""
        return f'{self.identity}_{self.number}{self.view}{self.ending}'

    @property
    def identity(self):
        """What the photographs of one person in the same clothes share."""
        return (
            f'fashion{self.gender}{self.category}id{self.clothes}{self.item}'
        )


def parse_deepfashion_name(name):
    """Take the name of a DeepFashion image apart, in either way of writing.

    - archive: ``MEN/Denim/id_00000080/01_1_front.jpg``, below any folder;
    - flattened: ``fashionMENDenimid0000008001_1front.jpg``, likewise.

    Flattening loses nothing: digits end the category, garments have eight of
    them and items two, and an underscore follows. Names with another number
    of digits would be ambiguous when flattened and are not taken apart.

    Args:
        name (str | Path): With or without an ending.

    Returns:
        DeepFashionName | None: None if the name is neither.

    Examples:
        >>> name = parse_deepfashion_name(
        ...     'img/MEN/Denim/id_00000080/01_1_front.jpg')
        >>> name.flat
        'fashionMENDenimid0000008001_1front.jpg'
        >>> parse_deepfashion_name(name.flat).archive
        'MEN/Denim/id_00000080/01_1_front.jpg'
    """
    stem, ending = split_ending(str(name).replace('\\', '/'))
    match = _FLAT.fullmatch(stem) or _ARCHIVE.fullmatch(stem)
    if match is None:
        return None
    parts = match.groupdict()
    category = parts.pop('category')
    return DeepFashionName(
        category=_WITH_UNDERSCORE.get(category, category),
        ending=ending,
        **parts,
    )


def identity_of(name):
    """Whom an image shows, as far as its name tells.

    Args:
        name (str): Of an image of DeepFashion or Market-1501.

    Returns:
        str | None: None for other names, and for images of Market-1501 that
        show nobody in particular (-1, 0000).
    """
    parsed = parse_deepfashion_name(name)
    if parsed is not None:
        return parsed.identity
    last = PurePosixPath(str(name).replace('\\', '/')).name
    match = _MARKET.fullmatch(split_ending(last)[0])
    if match is None or match[1] in _NOBODY:
        return None
    return match[1]
