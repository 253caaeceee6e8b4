"""What people wear: garments as plain data, and outfits drawn at random.

Heights are body levels (0 ankle, 1 knee, 2 hip, 3 neck), sleeve lengths are
arm lengths (0 shoulder, 1 elbow, 2 wrist), ease is the air between body and
cloth in metres; see ``surface``.
"""

from dataclasses import dataclass, field, replace

from .patterns import PLACED_PATTERNS, TILE_METRES, sample_pattern

__all__ = ['CATEGORIES', 'NECKLINES', 'SHOES', 'Garment', 'sample_outfit']

#: Every kind of garment.
CATEGORIES = (
    't_shirt',
    'long_sleeve',
    'sweater',
    'hoodie',
    'shirt',
    'blouse',
    'tank_top',
    'crop_top',
    'jacket',
    'coat',
    'cardigan',
    'vest',
    'trousers',
    'jeans',
    'shorts',
    'leggings',
    'skirt',
    'dress',
    'jumpsuit',
    'shoes',
    'sneakers',
    'boots',
    'socks',
)
#: Those that have soles.
SHOES = ('shoes', 'sneakers', 'boots')
#: Every neckline of tops, dresses and jumpsuits.
NECKLINES = (
    'crew',
    'v',
    'scoop',
    'boat',
    'turtleneck',
    'collar',
    'hood',
    'strapless',
)


@dataclass(frozen=True)
class Garment:
    """One piece of clothing.

    Attributes:
        category (str): One of :data:`CATEGORIES`.
        top (float): Level of the upper edge, for what hangs from the waist
            or stands on the foot; tops end at their neckline.
        hem (float): Level of the lower edge.
        sleeve (float): Length of the sleeves; 0 for sleeveless.
        neckline (str): One of :data:`NECKLINES`, '' where there is none.
        ease (float): Air between body and cloth, metres.
        flare (float): How much wider the hem is than the body, metres.
        waist (float): Level where a skirt part begins, 0 for none.
        pleats (int): Folds around a skirt part.
        closure (str): '', 'buttons', 'zip' or 'open' (worn open in front).
        layer (int): 0 next to the skin, larger outside.
        pattern (str): Name of the pattern, 'plain' for one colour.
        texture (np.ndarray): (S, S, 3) uint8 RGB cloth.
        period (float): Metres of cloth that the texture covers.
        details (tuple[str, ...]): Painted details, see ``details``.
    """

    category: str
    top: float = 3.3
    hem: float = 2.0
    sleeve: float = 0.0
    neckline: str = ''
    ease: float = 0.01
    flare: float = 0.0
    waist: float = 0.0
    pleats: int = 0
    closure: str = ''
    layer: int = 0
    pattern: str = 'plain'
    texture: object = field(default=None, compare=False, repr=False)
    period: float = 0.3
    details: tuple = ()

    @property
    def is_upper(self):
        """Whether it hangs from the shoulders."""
        return bool(self.neckline)

    @property
    def has_skirt(self):
        """Whether its lower part is a tube around both legs."""
        return self.waist > 0


def _uniform(rng, low, high):
    return float(rng.uniform(low, high))


def _choice(rng, options):
    """One of several names; options may be a dict of name: weight."""
    if isinstance(options, dict):
        names, weights = zip(*options.items(), strict=True)
        weights = [weight / sum(weights) for weight in weights]
        return names[int(rng.choice(len(names), p=weights))]
    return options[int(rng.integers(len(options)))]


def _top(rng, category, feminine):
    """A top by its category."""
    u = _uniform
    hem, ease = u(rng, 1.93, 2.08), u(rng, 0.008, 0.022)
    if rng.random() < 0.3:  # loose
        ease = u(rng, 0.022, 0.042)
    necks = {
        'crew': 5,
        'v': 2,
        'scoop': 2 if feminine else 0.5,
        'boat': 1 if feminine else 0,
    }
    make = {
        't_shirt': dict(
            sleeve=u(rng, 0.45, 0.8), hem=hem, neckline=_choice(rng, necks)
        ),
        'long_sleeve': dict(
            sleeve=u(rng, 1.4, 1.95), hem=hem, neckline=_choice(rng, necks)
        ),
        'sweater': dict(
            sleeve=1.95,
            hem=hem,
            ease=u(rng, 0.018, 0.034),
            neckline=_choice(rng, {'crew': 4, 'v': 2, 'turtleneck': 3}),
        ),
        'hoodie': dict(
            sleeve=1.95,
            hem=hem,
            ease=u(rng, 0.022, 0.034),
            neckline='hood',
            details=('pocket', 'drawstring'),
        ),
        'shirt': dict(
            sleeve=_choice(rng, (0.7, 1.4, 1.95, 1.95)),
            hem=hem,
            neckline='collar',
            closure='buttons',
            details=('placket', 'collar'),
        ),
        'blouse': dict(
            sleeve=u(rng, 0.8, 1.95),
            hem=hem,
            ease=u(rng, 0.015, 0.045),
            neckline=_choice(rng, ('v', 'boat', 'scoop', 'collar')),
        ),
        'tank_top': dict(
            hem=hem, neckline=_choice(rng, ('scoop', 'scoop', 'v', 'crew'))
        ),
        'crop_top': dict(
            hem=u(rng, 2.3, 2.42),
            ease=u(rng, 0.004, 0.015),
            sleeve=_choice(rng, (0, 0.5, 1.6)),
            neckline=_choice(rng, ('crew', 'scoop', 'strapless', 'boat')),
        ),
    }[category]
    make.setdefault('ease', ease)
    if make['neckline'] == 'strapless':
        make['sleeve'] = 0.0
    return Garment(category, **make)


def _outer(rng, category):
    long = category == 'coat'
    if category == 'vest':
        return Garment(
            'vest',
            sleeve=0,
            hem=_uniform(rng, 1.98, 2.08),
            neckline='v',
            closure='open',
            layer=2,
            ease=0.012,
        )
    if category == 'jacket' and rng.random() < 0.4:
        return Garment(
            'jacket',
            sleeve=1.97,
            hem=_uniform(rng, 1.98, 2.1),
            neckline='collar',
            closure='zip',
            layer=2,
            ease=_uniform(rng, 0.018, 0.028),
            details=('zip', 'pockets'),
        )
    details = {'jacket': ('pockets',), 'coat': ('pockets',), 'cardigan': ()}[
        category
    ]
    return Garment(
        category,
        sleeve=1.97,
        hem=_uniform(rng, 0.9, 1.4) if long else _uniform(rng, 1.9, 2.08),
        neckline='v',
        closure='open',
        layer=2,
        ease=_uniform(rng, 0.014, 0.024),
        waist=2.15 if long else 0,
        flare=0.03 if long else 0,
        details=details,
    )


def _over(rng, garments):
    """What is worn over other garments; short over a wide skirt."""
    skirts = [garment for garment in garments if garment.has_skirt]
    wide = skirts and skirts[0].flare > 0.03
    outer = _outer(
        rng,
        _choice(
            rng,
            {
                'jacket': 3,
                'cardigan': 2,
                'coat': 0 if wide else 1.5,
                'vest': 0.7,
            },
        ),
    )
    if wide:
        outer = replace(outer, hem=max(outer.hem, skirts[0].waist - 0.04))
    return outer


def _bottom(rng, feminine):
    u = _uniform
    kinds = {'jeans': 4, 'trousers': 3, 'shorts': 2}
    if feminine:
        kinds = {
            'jeans': 3,
            'trousers': 2,
            'shorts': 2,
            'leggings': 2,
            'skirt': 4,
        }
    category = _choice(rng, kinds)
    top = u(rng, 2.18, 2.34) if feminine else u(rng, 2.14, 2.24)
    if category == 'skirt':
        return Garment(
            'skirt',
            top=top,
            waist=top,
            hem=_choice(rng, (1.5, 1.3, 1.0, 0.55, 0.2)) + u(rng, -0.1, 0.1),
            flare=_choice(rng, (0.005, 0.06, 0.12, 0.18)),
            pleats=int(rng.integers(5, 14)),
            layer=1,
            ease=0.004,
        )
    make = {
        'jeans': dict(
            hem=u(rng, 0.08, 0.25),
            ease=u(rng, 0.003, 0.02),
            flare=_choice(rng, (0, 0, 0, 0.01, 0.03)),
            details=('fly', 'pockets', 'back_pockets'),
        ),
        'trousers': dict(
            hem=u(rng, 0.05, 0.3),
            ease=u(rng, 0.01, 0.028),
            flare=_choice(rng, (0, 0, 0.015, 0.04)),
            details=('fly', 'pockets'),
        ),
        'shorts': dict(
            hem=u(rng, 1.15, 1.6),
            ease=u(rng, 0.008, 0.022),
            flare=0.0,
            details=('fly', 'pockets'),
        ),
        'leggings': dict(hem=u(rng, 0.1, 0.6), ease=0.001),
    }[category]
    return Garment(category, top=top, **make)


def _footwear(rng, feminine, covered):
    category = _choice(rng, {'sneakers': 4, 'shoes': 3, 'boots': 2})
    top = {'sneakers': 0.03, 'shoes': -0.03, 'boots': _uniform(rng, 0.3, 0.6)}[
        category
    ]
    shoe = Garment(category, top=top, hem=-2, layer=0, ease=0.003)
    if category == 'boots' or covered or rng.random() < 0.5:
        return [shoe]
    return [
        Garment(
            'socks', top=_uniform(rng, 0.2, 0.45), hem=-2, layer=-0.5, ease=0.0
        ),
        shoe,
    ]


def _dress(rng):
    u = _uniform
    return Garment(
        'dress',
        hem=_choice(rng, (1.45, 1.25, 1.0, 0.6, 0.2)) + u(rng, -0.1, 0.1),
        sleeve=_choice(rng, (0, 0, 0.5, 0.7, 1.4, 1.95)),
        neckline=_choice(
            rng,
            {
                'crew': 2,
                'v': 3,
                'scoop': 3,
                'boat': 2,
                'strapless': 1,
                'turtleneck': 1,
            },
        ),
        waist=u(rng, 2.28, 2.42),
        ease=u(rng, 0.004, 0.012),
        flare=_choice(rng, (0.01, 0.06, 0.10, 0.16)),
        pleats=int(rng.integers(5, 14)),
    )


def _with_cloth(rng, garment):
    """Choose pattern and texture."""
    name, texture = sample_pattern(rng, garment.category)
    if name in ('gradient', 'colour_block') or (
        name in PLACED_PATTERNS and not garment.is_upper
    ):
        # Once from the upper to the lower edge.
        return replace(garment, pattern=name, texture=texture, period=1.0)
    return replace(garment, pattern=name, texture=texture, period=TILE_METRES)


def sample_outfit(rng, feminine):
    """Dress somebody.

    Args:
        rng (np.random.Generator): Source of randomness.
        feminine (bool): Whether skirts, dresses and the like are among the
            choices.

    Returns:
        list[Garment]: From the skin outwards; categories differ.
    """
    garments = []
    if feminine and rng.random() < 0.3:
        garments = [_dress(rng)]
    elif rng.random() < 0.06:
        garments = [
            Garment(
                'jumpsuit',
                hem=_choice(rng, (0.15, 0.2, 1.4)),
                sleeve=_choice(rng, (0, 0.5, 1.9)),
                neckline=_choice(rng, ('crew', 'v', 'collar')),
                ease=0.012,
                details=('fly',),
            )
        ]
    else:
        kinds = {
            't_shirt': 5,
            'long_sleeve': 2,
            'sweater': 2.5,
            'hoodie': 1.5,
            'shirt': 3,
            'tank_top': 1,
        }
        if feminine:
            kinds = {
                't_shirt': 4,
                'long_sleeve': 2,
                'sweater': 2.5,
                'hoodie': 1,
                'shirt': 1.5,
                'blouse': 2.5,
                'tank_top': 2.5,
                'crop_top': 1.5,
            }
        bottom = _bottom(rng, feminine)
        top = _top(rng, _choice(rng, kinds), feminine)
        tucked = bottom.category == 'skirt' or rng.random() < 0.25
        if tucked and top.category not in ('sweater', 'hoodie'):
            top = replace(top, ease=min(top.ease, 0.008))
            bottom = replace(bottom, layer=1)
        else:
            top = replace(top, layer=1)
        garments = [top, bottom]
    if rng.random() < 0.22 and garments[0].category not in (
        'hoodie',
        'sweater',
    ):
        garments.append(_over(rng, garments))
    lowest = min(garment.hem for garment in garments)
    garments += _footwear(rng, feminine, lowest < 0.35)
    return [_with_cloth(rng, garment) for garment in garments]
