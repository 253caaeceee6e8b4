"""Names of SynthFashion's images in the ways of the published data sets."""

from mmposetransfer.errors import UserValueError
from mmposetransfer.synthfashion import ATTRIBUTES

from ..published_names import DeepFashionName

__all__ = ['deepfashion_name', 'market1501_name']

# Category of DeepFashion for women and men <- what is worn, the first that
# is. Not all of DeepFashion's categories are for both.
_CATEGORIES = (
    (('dress', 'skirt'), 'Dresses', 'Tees_Tanks'),
    (('jumpsuit',), 'Rompers_Jumpsuits', 'Suiting'),
    (('jacket', 'coat', 'vest'), 'Jackets_Coats', 'Jackets_Vests'),
    (('cardigan', 'sweater'), 'Cardigans', 'Sweaters'),
    (('hoodie',), 'Sweatshirts_Hoodies', 'Sweatshirts_Hoodies'),
    (('blouse', 'shirt'), 'Blouses_Shirts', 'Shirts_Polos'),
    (('jeans',), 'Denim', 'Denim'),
    ((), 'Tees_Tanks', 'Tees_Tanks'),
)
_RIGHT_SHOULDER, _LEFT_SHOULDER = 2, 5


def deepfashion_name(person, number, attributes, keypoints):
    """An image's name in the way of DeepFashion In-shop.

    Args:
        person (int): Number of the person, from 0 to 99,999,999.
        number (int): Of the image of this person, from 1 on.
        attributes (ndarray): (A,), as of `SynthFashionWorld.pair`.
        keypoints (ndarray): (18, 3), of this image.

    Returns:
        DeepFashionName: Without ending.
    """
    worn = {
        name
        for name, there in zip(ATTRIBUTES, attributes, strict=True)
        if there
    }
    woman = 'woman' in worn
    women, men = next(
        (women, men)
        for kinds, women, men in _CATEGORIES
        if not kinds or worn & set(kinds)
    )
    right, left = keypoints[[_RIGHT_SHOULDER, _LEFT_SHOULDER], 0]
    return DeepFashionName(
        'WOMEN' if woman else 'MEN',
        women if woman else men,
        f'{person:08d}',
        '01',
        str(number),
        'front' if left >= right else 'back',
    )


def market1501_name(person, number, index):
    """An image's name in the way of Market-1501.

    Args:
        person (int): Number of the person, from 0 to 9998.
        number (int): Of the image of this person, from 1 on.
        index (int): Number of the frame.

    Returns:
        str: Such as '0001_c1s1_000001_01'.

    Raises:
        ValueError: If there are more people than four digits count.
    """
    if person > 9998:
        raise UserValueError(
            'Names of Market-1501 have four digits for the '
            f'person: at most 9999 people, not {person + 1}.'
        )
    return (
        f'{person + 1:04d}_c{(number - 1) % 6 + 1}s1_{index % 10**6:06d}_'
        f'{number % 100:02d}'
    )
