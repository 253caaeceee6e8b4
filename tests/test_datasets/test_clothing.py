"""Pictures of clothes with labels: DeepFashion's files, SynthFashion."""

import numpy as np
import pytest
import torch

from mmposetransfer.datasets import (
    CLOTHING_TYPES,
    DeepFashionClothes,
    InShopClothes,
    SynthFashionClothes,
    TrunkFeatures,
    attribute_groups,
)
from mmposetransfer.datasets.clothing import (
    clothing_type,
    in_shop_item,
    synthfashion_attributes,
)
from mmposetransfer.datasets.published_names import parse_deepfashion_name
from mmposetransfer.errors import (
    UserFileNotFoundError,
    UserKeyError,
    UserValueError,
)
from mmposetransfer.io.image_io import write_image
from mmposetransfer.synthfashion import ATTRIBUTES, SynthFashionWorld
from mmposetransfer.utils.setup_env import register_all_modules


@pytest.fixture(autouse=True)
def ready():
    register_all_modules()


SHEER = 'img/Sheer_Pleated-Front_Blouse/img_00000001.jpg'
DENIM = 'img/Denim_Shorts/img_00000002.jpg'
LAST = 'img/Denim_Shorts/img_00000003.jpg'

# As the authors write them: names may hold blanks, columns are aligned.
FILES = {
    'Anno/list_category_cloth.txt': """3
category_name  category_type
Anorak         1
Blouse         1
Shorts         2
""",
    'Anno/list_category_img.txt': f"""3
image_name  category_label
{SHEER}                2
{DENIM}                               3
{LAST}                               3
""",
    'Anno/list_attr_cloth.txt': """4
attribute_name  attribute_type
abstract chevron      1
sheer                 2
a-line                3
high-rise             4
""",
    'Anno/list_attr_img.txt': f"""3
image_name  attribute_labels
{SHEER}          -1  1  0 -1
{DENIM}                    -1 -1 -1  1
{LAST}                      1 -1 -1  1
""",
    'Anno/list_bbox.txt': f"""3
image_name  x_1  y_1  x_2  y_2
{SHEER}  002 003 012 023
{DENIM}  000 000 020 010
{LAST}   001 001 009 009
""",
    'Eval/list_eval_partition.txt': f"""3
image_name  evaluation_status
{SHEER}          train
{DENIM}                    train
{LAST}                     test
""",
}


def write_files(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def picture(path, height=30, width=24, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    img = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    write_image(path.with_suffix('.png'), img)
    path.with_suffix('.png').rename(path)
    return img


@pytest.fixture
def benchmark(tmp_path):
    return write_files(tmp_path, FILES)


def test_categories_are_those_of_the_files(benchmark):
    data = DeepFashionClothes(benchmark, 'category')
    assert data.metainfo['categories'] == ('Anorak', 'Blouse', 'Shorts')
    found = [data.get_data_info(i) for i in range(len(data))]
    assert [(item['name'], item['category']) for item in found] == [
        (SHEER, 1),
        (DENIM, 2),
    ]
    assert found[0]['box'] == (2, 3, 12, 23)
    assert found[0]['img_path'] == str(benchmark / 'Img' / SHEER)


def test_attributes_are_those_of_the_files(benchmark):
    data = DeepFashionClothes(benchmark, 'attributes', with_boxes=False)
    assert data.metainfo['attributes'][0] == 'abstract chevron'
    groups = data.metainfo['attribute_groups']
    assert groups == ('texture', 'fabric', 'shape', 'part')
    labels = [data.get_data_info(i)['attributes'] for i in range(2)]
    assert [list(row) for row in labels] == [[0, 1, -1, 0], [0, 0, 0, 1]]
    test = DeepFashionClothes(benchmark, 'attributes', 'test')
    assert [item['name'] for item in test] == [LAST]


def test_pictures_are_cut_along_the_box_and_packed(benchmark):
    img = picture(benchmark / 'Img' / SHEER)
    picture(benchmark / 'Img' / DENIM)
    pipeline = [
        dict(type='mmposetransfer.LoadClothes', size=(20, 10)),
        dict(type='mmposetransfer.RandomFlipClothes', prob=1.0),
        dict(type='mmposetransfer.PackClothes', labels='category'),
    ]
    data = DeepFashionClothes(benchmark, 'category', pipeline=pipeline)
    item = data[0]
    wanted = img[3:23, 2:12][:, ::-1].transpose(2, 0, 1)
    assert np.array_equal(item['inputs'].numpy(), wanted)
    assert int(item['data_samples'].labels) == 1
    assert data[1]['inputs'].shape == (3, 20, 10)
    pipeline[-1]['labels'] = 'attributes'
    with pytest.raises(UserKeyError, match="no 'attributes'"):
        DeepFashionClothes(benchmark, 'category', pipeline=pipeline)[0]


@pytest.mark.parametrize(
    'name, old, new, message',
    [
        ('Anno/list_attr_img.txt', '3\n', '4\n', '3 rows.*says 4'),
        ('Anno/list_attr_img.txt', '0 -1\n', '0\n', 'line 3: expected 4'),
        ('Anno/list_attr_img.txt', ' 0 -1\n', ' 2 -1\n', 'line 3'),
        (
            'Anno/list_attr_cloth.txt',
            'sheer                 2',
            'sheer',
            'type',
        ),
        ('Anno/list_attr_cloth.txt', 'line                3', 'line   9', '9'),
        ('Anno/list_attr_cloth.txt', 'sheer ', 'a-line ', 'more than once'),
        ('Anno/list_bbox.txt', '003 012', '003', 'expected 4 columns'),
        ('Anno/list_bbox.txt', '3\n', 'three\n', 'number of rows'),
        ('Eval/list_eval_partition.txt', 'train', 'val', "split 'train'"),
    ],
)
def test_damaged_files_are_told(benchmark, name, old, new, message):
    text = (benchmark / name).read_text()
    count = -1 if new == 'val' else 1
    (benchmark / name).write_text(text.replace(old, new, count))
    with pytest.raises(UserValueError, match=message):
        DeepFashionClothes(benchmark, 'attributes')


def test_what_is_missing_is_told(benchmark):
    with pytest.raises(UserValueError, match="got 'colour'"):
        DeepFashionClothes(benchmark, 'colour')
    path = benchmark / 'Anno/list_category_img.txt'
    path.write_text(path.read_text().replace('   2', '   4'))
    with pytest.raises(UserValueError, match="from 1 to 3, got '4'"):
        DeepFashionClothes(benchmark, 'category')
    path.write_text(f'1\nimage_name category_label\n{SHEER} 2\n')
    with pytest.raises(UserKeyError, match='has no labels'):
        DeepFashionClothes(benchmark, 'category')
    path.unlink()
    with pytest.raises(UserFileNotFoundError, match='list_category_img'):
        DeepFashionClothes(benchmark, 'category')


IN_SHOP = {
    'Anno/attributes/list_attr_cloth.txt': """4
attribute_names
acid wash
zip up
nobody's
a-line
""",
    'Anno/attributes/list_attr_items.txt': """2
item_id attribute_labels
id_00000080  1 -1 -1  1
id_00000002 -1  1 -1 -1
""",
    'Eval/list_eval_partition.txt': """3
image_name item_id evaluation_status
img/MEN/Denim/id_00000080/01_1_front.jpg       id_00000080 train
img/WOMEN/Dresses/id_00000002/02_1_front.jpg   id_00000002 query
img/WOMEN/Dresses/id_00000002/02_2_side.jpg    id_00000002 gallery
""",
}


def test_in_shop_as_the_paper_has_it(tmp_path):
    root = write_files(tmp_path, IN_SHOP)
    types = InShopClothes(root, 'category')
    assert len(types.metainfo['categories']) == 23
    (item,) = types
    known = types.metainfo['categories'][item['category']]
    assert known == 'MEN/Denim'
    data = InShopClothes(root, 'attributes', 'test')
    # The one that no item has is not learnt.
    assert data.metainfo['attributes'] == ('acid wash', 'zip up', 'a-line')
    assert [list(item['attributes']) for item in data] == [[0, 1, 0]] * 2
    assert in_shop_item('img/MEN/Denim/id_00000080/01_1_front.jpg') == (
        'id_00000080'
    )
    with pytest.raises(UserKeyError, match='no name of DeepFashion'):
        in_shop_item('test_0_00003')


# ---------------------------------------------------------------- SynthFashion


@pytest.fixture(scope='module')
def world():
    return SynthFashionWorld((64, 64), split='test', num_people=6, num_pairs=8)


def test_the_type_is_the_outermost_garment_of_the_outfit(world):
    for number in range(6):
        person = world.person(number)
        upper = [g for g in person.outfit if g.is_upper]
        outermost = max(upper, key=lambda garment: garment.layer)
        got = CLOTHING_TYPES[clothing_type(person.attributes)]
        assert got == outermost.category


def test_each_attribute_is_of_a_group():
    groups = dict(zip(ATTRIBUTES, attribute_groups(), strict=True))
    assert set(groups.values()) == {
        'kind', 'shape', 'texture', 'style', 'colour', 'look'
    }  # fmt: skip
    wanted = dict(
        tank_top='kind', black_top='colour', navy_bottom='colour',
        full_sleeve='shape', sleeveless='shape', mini_hem='shape',
        tight_fit='shape', crew_neck='shape', dotted_pattern='texture',
        beard='look', zipped='style', socks='kind',
    )  # fmt: skip
    assert {name: groups[name] for name in wanted} == wanted


def test_both_pictures_of_pairs_with_their_labels(world):
    data = SynthFashionClothes((64, 64), 'test', 6, 8)
    pair = world.pair(3)
    assert len(data) == 16
    for index, side in ((6, 'ref'), (7, 'tgt')):
        item = data[index]
        assert np.array_equal(item['img'], pair[f'{side}_img'])
        assert np.array_equal(item['attributes'], pair['attributes'])
        assert item['name'] == pair[f'{side}_id']
        assert item['category'] == clothing_type(pair['attributes'])
    some = SynthFashionClothes((64, 64), 'test', 6, 8, pairs=(2, 4))
    assert len(some) == 4 and some[3]['name'] == pair['tgt_id']
    with pytest.raises(UserValueError, match='within 0 to 8'):
        SynthFashionClothes((64, 64), 'test', 6, 8, pairs=(2, 9))


def test_a_name_tells_the_attributes_at_any_size():
    world = SynthFashionWorld((128, 96), split='test', num_people=5)
    pair = world.pair(8)  # of person 3
    name = pair['tgt_id']
    assert np.array_equal(synthfashion_attributes(name), pair['attributes'])
    exported = 'fashionMENDenimid0000000701_1front'  # 4 people learn
    assert parse_deepfashion_name(exported).clothes == '00000007'
    got = synthfashion_attributes(exported, train_people=4)
    assert np.array_equal(got, pair['attributes'])
    with pytest.raises(UserKeyError, match='tells no person'):
        synthfashion_attributes('a_photograph.png')


def test_features_are_those_of_the_trunk_and_kept(tmp_path):
    people = dict(type='mmposetransfer.SynthFashionClothes', num_people=1)
    arguments = dict(
        datasets=[
            dict(size=(64, 64), num_pairs=1, **people),
            dict(size=(80, 64), num_pairs=1, **people),
        ],
        trunk=dict(
            type='mmposetransfer.LiteTrunk',
            height=64,
            stages=(2,),
            grid=(1, 1),
        ),
        cache=str(tmp_path),
    )
    data = TrunkFeatures(**arguments)
    (file,) = tmp_path.iterdir()
    made = file.stat().st_mtime_ns
    from mmposetransfer.registry import DATASETS, MODELS

    trunk = MODELS.build(arguments['trunk'])
    for index in range(4):
        source = DATASETS.build(arguments['datasets'][index // 2])
        item = source[index % 2]
        rgb = torch.from_numpy(item['img'][..., ::-1].copy())
        vector = trunk(rgb.permute(2, 0, 1)[None].float() / 127.5 - 1)[0]
        np.testing.assert_allclose(
            data[index]['features'], vector, rtol=2e-3, atol=2e-3
        )
        assert np.array_equal(data[index]['attributes'], item['attributes'])
    assert data.metainfo['attribute_groups'] == attribute_groups()
    assert len(TrunkFeatures(**arguments)) == 4
    assert file.stat().st_mtime_ns == made
    arguments['datasets'][0]['pipeline'] = [dict(type='A')]
    with pytest.raises(UserValueError, match='give it to TrunkFeatures'):
        TrunkFeatures(**arguments)
