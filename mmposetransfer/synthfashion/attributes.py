"""Binary labels of clothes and looks."""

import numpy as np

from .hair import HAIRSTYLES
from .palette import COLOR_NAMES, color_name
from .wardrobe import CATEGORIES, NECKLINES, SHOES

__all__ = ['ATTRIBUTES', 'describe']

_SLEEVES = ('sleeveless', 'short_sleeve', 'half_sleeve', 'full_sleeve')
_HEMS = ('mini', 'knee_length', 'midi', 'maxi')
_FITS = ('tight_fit', 'regular_fit', 'loose_fit')
_PATTERN_GROUPS = {
    'striped': (
        'horizontal_stripes',
        'vertical_stripes',
        'pinstripe',
        'breton',
    ),
    'checked': ('gingham', 'windowpane', 'tartan', 'houndstooth', 'argyle'),
    'zigzag': ('herringbone', 'chevron'),
    'knitted': ('fair_isle', 'cable_knit', 'rib_knit'),
    'denim': ('denim',),
    'dotted': ('dots',),
    'floral': ('floral', 'ditsy', 'leaves', 'paisley'),
    'animal_print': ('leopard', 'zebra'),
    'camouflage': ('camouflage',),
    'abstract_print': ('tie_dye', 'watercolor', 'abstract'),
    'lettering': ('lettering',),
    'graphic': ('graphic',),
    'gradient': ('gradient',),
    'colour_block': ('colour_block',),
    'plain': ('plain', 'melange'),
}

#: Names of the labels, in the order of the vectors.
ATTRIBUTES = (
    *CATEGORIES,
    *_SLEEVES,
    *(f'{name}_neck' for name in NECKLINES),
    *(f'{name}_hem' for name in _HEMS),
    *_FITS,
    'flared',
    'pleated',
    'buttoned',
    'zipped',
    'worn_open',
    'tucked_in',
    'layered',
    *(f'{name}_pattern' for name in _PATTERN_GROUPS),
    *(f'{name}_top' for name in COLOR_NAMES),
    *(f'{name}_bottom' for name in COLOR_NAMES),
    *(f'{name}_hair' for name in HAIRSTYLES),
    'woman',
    'beard',
    'lipstick',
)
_INDEX = {name: index for index, name in enumerate(ATTRIBUTES)}


def _sleeve_name(sleeve):
    return _SLEEVES[int(np.digitize(sleeve, (0.2, 0.9, 1.6)))]


def _hem_name(hem):
    return ['maxi', 'midi', 'knee_length', 'mini'][
        int(np.digitize(hem, (0.4, 0.85, 1.2)))
    ] + '_hem'


def _garment_labels(garment):
    yield garment.category
    if garment.category in (*SHOES, 'socks'):
        return
    for group, names in _PATTERN_GROUPS.items():
        if garment.pattern in names:
            yield f'{group}_pattern'
    if garment.is_upper:
        yield _sleeve_name(garment.sleeve)
        yield f'{garment.neckline}_neck'
        yield _FITS[int(np.digitize(garment.ease, (0.009, 0.02)))]
    if garment.has_skirt:
        yield _hem_name(garment.hem)
        if garment.pleats > 8:
            yield 'pleated'
    if garment.flare > 0.025:
        yield 'flared'
    closures = {'buttons': 'buttoned', 'zip': 'zipped', 'open': 'worn_open'}
    if garment.closure:
        yield closures[garment.closure]


def _color_labels(outfit):
    tops = [garment for garment in outfit if garment.is_upper]
    bottoms = [
        garment
        for garment in outfit
        if garment.category
        in ('trousers', 'jeans', 'shorts', 'leggings', 'skirt')
    ]
    for garment, place in (
        (tops[-1], 'top'),
        ((bottoms or tops[:1])[0], 'bottom'),
    ):
        mean = garment.texture[::8, ::8].mean((0, 1)) / 255
        yield f'{color_name(mean)}_{place}'


def describe(identity, outfit):
    """Label a person.

    Args:
        identity (Identity): Who.
        outfit (list[Garment]): What is worn.

    Returns:
        np.ndarray: (len(ATTRIBUTES),) uint8, 1 where a label applies.
    """
    labels = [f'{identity.hairstyle}_hair', *_color_labels(outfit)]
    for garment in outfit:
        labels += _garment_labels(garment)
    labels += [
        name
        for name, applies in (
            ('woman', identity.feminine),
            ('beard', identity.beard > 0),
            ('lipstick', identity.makeup > 0),
            (
                'tucked_in',
                any(
                    garment.category
                    in ('trousers', 'jeans', 'shorts', 'skirt')
                    and garment.layer > 0
                    for garment in outfit
                ),
            ),
            ('layered', sum(garment.is_upper for garment in outfit) > 1),
        )
        if applies
    ]
    vector = np.zeros(len(ATTRIBUTES), np.uint8)
    vector[[_INDEX[label] for label in labels]] = 1
    return vector
