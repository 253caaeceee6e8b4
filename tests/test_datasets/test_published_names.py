"""Names of DeepFashion and Market-1501."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmposetransfer.datasets.names import picture_id
from mmposetransfer.datasets.published_names import (
    DEEPFASHION_CATEGORIES,
    DeepFashionName,
    identity_of,
    parse_deepfashion_name,
)

# Path in the official archive -> name in the lists of PATN (train.lst,
# test.lst), as published.
PUBLISHED = {
    'MEN/Denim/id_00000080/01_1_front.jpg':
        'fashionMENDenimid0000008001_1front.jpg',
    'MEN/Shirts_Polos/id_00001802/02_4_full.jpg':
        'fashionMENShirts_Polosid0000180202_4full.jpg',
    'MEN/Jackets_Vests/id_00004882/01_1_front.jpg':
        'fashionMENJackets_Vestsid0000488201_1front.jpg',
    'MEN/Sweatshirts_Hoodies/id_00006008/01_1_front.jpg':
        'fashionMENSweatshirts_Hoodiesid0000600801_1front.jpg',
    'MEN/Pants/id_00005193/01_6_flat.jpg':
        'fashionMENPantsid0000519301_6flat.jpg',
    'WOMEN/Blouses_Shirts/id_00000693/02_3_back.jpg':
        'fashionWOMENBlouses_Shirtsid0000069302_3back.jpg',
    'WOMEN/Rompers_Jumpsuits/id_00001045/07_1_front.jpg':
        'fashionWOMENRompers_Jumpsuitsid0000104507_1front.jpg',
    'WOMEN/Tees_Tanks/id_00007721/34_3_back.jpg':
        'fashionWOMENTees_Tanksid0000772134_3back.jpg',
    'WOMEN/Graphic_Tees/id_00006239/02_2_side.jpg':
        'fashionWOMENGraphic_Teesid0000623902_2side.jpg',
    'WOMEN/Jackets_Coats/id_00004902/02_7_additional.jpg':
        'fashionWOMENJackets_Coatsid0000490202_7additional.jpg',
}  # yapf: disable


@pytest.mark.parametrize('archive, flat', PUBLISHED.items())
@pytest.mark.parametrize('folder', ['', 'img/', 'In-shop/Img/img_highres/'])
def test_published_names_both_ways(archive, flat, folder):
    for name in (folder + archive, flat):
        parsed = parse_deepfashion_name(name)
        assert (parsed.flat, parsed.archive) == (flat, archive)
        bare = parse_deepfashion_name(name.removesuffix('.jpg'))
        assert bare.flat + '.jpg' == flat and bare.ending == ''
    assert picture_id(folder + archive) == flat.removesuffix('.jpg')


def flattened(path):
    """As PATN's script does it, step by step."""
    gender, category, clothes, file = path.split('/')
    first, *rest = file.split('_')
    return (
        'fashion'
        + gender
        + category
        + clothes.replace('_', '')
        + first
        + '_'
        + ''.join(rest)
    )


names = st.builds(
    lambda kind, *rest: DeepFashionName(*kind, *rest),
    st.sampled_from(
        [
            (gender, category)
            for gender, found in DEEPFASHION_CATEGORIES.items()
            for category in found
        ]
    ),
    st.from_regex(r'[0-9]{8}', fullmatch=True),
    st.from_regex(r'[0-9]{2}', fullmatch=True),
    st.from_regex(r'[1-9][0-9]{0,2}', fullmatch=True),
    st.sampled_from(['front', 'side', 'back', 'full', 'additional', 'flat']),
    st.sampled_from(['', '.jpg', '.png', '.bmp']),
)


@given(names)
def test_both_ways_hold_all_of_a_name(name):
    assert parse_deepfashion_name(name.flat) == name
    assert parse_deepfashion_name(name.archive) == name
    assert name.flat == flattened(name.archive)


@given(st.lists(names, min_size=2, max_size=2, unique=True))
def test_different_images_have_different_flattened_names(pair):
    assert pair[0].flat != pair[1].flat


def test_categories_without_underscore_are_known():
    name = parse_deepfashion_name('fashionMENTeesTanksid0000772134_3back')
    assert name.archive == 'MEN/Tees_Tanks/id_00007721/34_3_back'


@pytest.mark.parametrize(
    'name',
    [
        'anna_1.jpg',
        'MEN/Denim/id_80/01_1_front.jpg',
        'fashion.jpg',
        # Nine digits: garment 000000801 and item 1, or garment 00000080?
        'fashionMENDenimid000000801_1front',
        'KIDS/Denim/id_00000080/01_1_front',
        'fashionMENDenimid000000800101_1front',
        'MEN/Denim/id_00000080/01_1_front/x.jpg',
        'xfashionMENDenimid0000008001_1front',
    ],
)
def test_other_names_are_not_taken_apart(name):
    assert parse_deepfashion_name(name) is None


@pytest.mark.parametrize(
    'name, identity',
    [
        (
            'MEN/Denim/id_00000080/01_1_front.jpg',
            'fashionMENDenimid0000008001',
        ),
        ('fashionMENDenimid0000008001_2side', 'fashionMENDenimid0000008001'),
        ('fashionMENDenimid0000008002_2side', 'fashionMENDenimid0000008002'),
        ('0002_c1s1_000451_03.jpg', '0002'),
        ('query/0777_c6s3_012345_00.jpg', '0777'),
        ('-1_c1s1_000401_00.jpg', None),
        ('0000_c1s1_000151_01.jpg', None),
        ('anna.jpg', None),
    ],
)
def test_identity(name, identity):
    assert identity_of(name) == identity
