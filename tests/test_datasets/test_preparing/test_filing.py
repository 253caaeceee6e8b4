"""From archives and folders to a layout."""

import json
import zipfile

import cv2
import numpy as np
import pytest
from exported_data import SETTINGS

from mmposetransfer.datasets.layouts import LAYOUTS
from mmposetransfer.datasets.preparing import (
    ArchiveError,
    Limits,
    Place,
    deepfashion_places,
    file_sources,
    filing,
    image_converter,
    market1501_places,
)
from mmposetransfer.datasets.preparing.label_files import write_archive
from mmposetransfer.datasets.verification import verify_dataset
from mmposetransfer.io.image_io import read_image


@pytest.fixture
def archive(exported, tmp_path):
    """The images as DeepFashion's official zip."""
    path = tmp_path / 'img.zip'
    count, left_out = write_archive(path, exported / 'Img/img')
    assert not left_out
    assert count == 2 * (SETTINGS.train_pairs + SETTINGS.test_pairs)
    return path


def files(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


def test_deepfashion_from_its_archive_and_the_lists(
    archive, exported, tmp_path
):
    """The official zip, and the folder with all else that was downloaded."""
    with zipfile.ZipFile(archive) as content:
        assert all('/id_0000' in name for name in content.namelist())
    lists = tmp_path / 'downloads'
    for kind in ('Label', 'Img/seg', '3d/hmr/corr'):
        for path in (exported / kind).iterdir():
            file = lists / kind.replace('/', '_') / path.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(path.read_bytes())
    out = tmp_path / 'out'
    report = file_sources([archive, lists], deepfashion_places(), out)
    assert report.problems == [] and report.kept == 0
    (unused,) = report.left_out.names.values()
    assert unused == ['Label/synthfashion.json']
    wanted = files(exported)
    del wanted['Label/synthfashion.json']
    assert files(out) == wanted
    checked = verify_dataset(out, LAYOUTS['deepfashion'], (64, 64))
    assert checked.problems == []


def test_it_can_be_stopped_and_run_again(archive, tmp_path):
    out = tmp_path / 'out'

    def stop_after_seven(members):
        for number, member in enumerate(members):
            if number == 7:
                raise KeyboardInterrupt
            yield member

    with pytest.raises(KeyboardInterrupt):
        file_sources(
            [archive], deepfashion_places(), out, progress=stop_after_seven
        )
    before = {path: path.stat().st_mtime_ns for path in out.rglob('*.jpg')}
    assert len(before) == 7
    # One that something else has cut off is written anew.
    broken = sorted(before)[2]
    broken.write_bytes(broken.read_bytes()[:100])
    report = file_sources([archive], deepfashion_places(), out)
    assert (report.kept, report.written) == (6, 14)
    assert all(
        path.stat().st_mtime_ns == time
        for path, time in before.items()
        if path != broken
    )
    again = file_sources([archive], deepfashion_places(), out)
    assert (again.kept, again.written) == (20, 0)
    assert (
        file_sources(
            [archive], deepfashion_places(), out, overwrite=True
        ).written
        == 20
    )


def test_other_sizes_get_folders_of_their_own(archive, tmp_path):
    places = deepfashion_places((512, 352), '.png')
    report = file_sources([archive], places, tmp_path / 'out')
    assert report.placed == {'Img/img_512x352': 20}
    for path in (tmp_path / 'out/Img/img_512x352').iterdir():
        assert path.suffix == '.png'
        assert read_image(path).shape == (512, 352, 3)
    # 256x256 is where it always is, as JPEG.
    file_sources([archive], deepfashion_places((256, 256)), tmp_path / 'out')
    path = next((tmp_path / 'out/Img/img').iterdir())
    assert path.read_bytes()[:2] == b'\xff\xd8' and path.suffix == '.jpg'
    assert read_image(path).shape == (256, 256, 3)


def jpg(size, seed=0):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (9, 7, 3), dtype=np.uint8)
    image = cv2.resize(small, size[::-1], interpolation=cv2.INTER_CUBIC)
    return cv2.imencode('.jpg', image)[1].tobytes(), image


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def test_converter_resizes_what_has_nearly_the_proportions():
    """750x1101 is 352x512 as a whole, not cropped by a pixel."""
    from PIL import Image

    data, _ = jpg((1101, 750))
    got = decoded(image_converter((512, 352), '.png')(data, 'x'))
    rgb = Image.fromarray(decoded(data)[..., ::-1])
    wanted = np.array(rgb.resize((352, 512), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(got[..., ::-1], wanted)
    other = decoded(image_converter((512, 352), '.png', 'lanczos')(data, 'x'))
    assert (got != other).any()


def test_converter_crops_what_is_wider_and_copies_what_fits():
    data, _ = jpg((256, 256))
    image = decoded(data)
    cropped = decoded(image_converter((256, 176), '.png')(data, 'x'))
    np.testing.assert_array_equal(cropped, image[:, 40:216])
    assert image_converter((256, 256), '.jpg')(data, 'x') == data


def folder(root, **named):
    root.mkdir()
    for name, data in named.items():
        path = root / name.replace('__', '/').replace('_jpg', '.jpg')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def test_damaged_images_are_told_and_the_rest_is_filed(tmp_path):
    good = jpg((256, 256))[0]
    source = folder(
        tmp_path / 'in',
        **{
            'MEN__Denim__id_00000080__01_1_front_jpg': good,
            'MEN__Denim__id_00000080__01_2_side_jpg': good[:-300],
            'MEN__Denim__id_00000080__01_3_back_jpg': b'',
        },
    )
    (tmp_path / 'in/notes.txt').write_text('hello')
    report = file_sources([source], deepfashion_places(), tmp_path / 'out')
    assert report.written == 1
    (reason,), (names,) = zip(*report.left_out.names.items(), strict=True)
    assert 'does not use' in reason and names == ['notes.txt']
    assert len(report.problems) == 2
    assert all(
        name in problem
        for name, problem in zip(
            ('01_2_side', '01_3_back'), report.problems, strict=True
        )
    )
    assert list(files(tmp_path / 'out')) == [
        'Img/img/fashionMENDenimid0000008001_1front.jpg'
    ]


def test_two_files_for_one_place(tmp_path):
    good = jpg((256, 256))[0]
    source = folder(
        tmp_path / 'in',
        **{
            'a__MEN__Denim__id_00000080__01_1_front_jpg': good,
            'b__fashionMENDenimid0000008001_1front_jpg': jpg((256, 256), 1)[0],
        },
    )
    report = file_sources([source], deepfashion_places(), tmp_path / 'out')
    assert report.written == 1 and len(report.problems) == 1
    assert 'already' in report.problems[0]
    assert list(files(tmp_path / 'out').values()) == [good]


def test_market1501_leaves_out_nobody_and_other_boxes(tmp_path):
    good = jpg((128, 64))[0]
    wanted = ['0002_c1s1_000451_03.jpg', '0003_c1s1_000451_01.jpg']
    source = folder(
        tmp_path / 'in',
        **{
            f'bounding_box_train__{wanted[0][:-4]}_jpg': good,
            f'query__{wanted[1][:-4]}_jpg': good,
            'gt_bbox__0002_c1s1_000451_03_jpg': good,
            'bounding_box_test__-1_c1s1_000401_00_jpg': good,
            'bounding_box_test__0000_c1s1_000151_01_jpg': good,
        },
    )
    (source / 'market-pairs-test.csv').write_text('from,to\n')
    report = file_sources([source], market1501_places(), tmp_path / 'out')
    assert report.problems == []
    assert report.left_out.names == {
        'a box that was drawn by hand': ['gt_bbox/0002_c1s1_000451_03.jpg'],
        'it shows nobody in particular (-1, 0000)': [
            'bounding_box_test/-1_c1s1_000401_00.jpg',
            'bounding_box_test/0000_c1s1_000151_01.jpg',
        ],
    }
    assert sorted(files(tmp_path / 'out')) == [
        f'Images/img/{name}' for name in wanted
    ] + ['Label/market-pairs-test.csv']


def test_no_name_of_an_archive_is_ever_a_path(tmp_path):
    """A hostile zip leaves nothing behind, inside or outside."""
    path = tmp_path / 'evil.zip'
    name = 'MEN/Denim/id_00000080/01_1_front.jpg'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr(name, jpg((256, 256))[0])
        archive.writestr(f'../../{name}', b'1')
    with pytest.raises(ArchiveError, match='leads out'):
        file_sources([path], deepfashion_places(), tmp_path / 'a/b/out')
    assert sorted(p.name for p in tmp_path.iterdir()) == ['evil.zip']


def test_limits_reach_the_archives(archive, tmp_path):
    with pytest.raises(ArchiveError, match='more than 3 files'):
        file_sources(
            [archive],
            deepfashion_places(),
            tmp_path / 'out',
            limits=Limits(files=3),
        )


def test_all_sources_have_to_be_there_before_the_first_is_read(
    archive, tmp_path
):
    with pytest.raises(FileNotFoundError, match='nowhere'):
        file_sources(
            [archive, tmp_path / 'nowhere.zip'],
            deepfashion_places(),
            tmp_path / 'out',
        )
    assert not (tmp_path / 'out').exists()


def test_a_full_disk_leaves_no_part_of_a_file(archive, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('os.replace', fail)
    with pytest.raises(OSError, match='No space left'):
        file_sources([archive], deepfashion_places(), tmp_path / 'out')
    assert not files(tmp_path / 'out')


def test_own_places(tmp_path):
    """What a project of one's own would add."""
    source = folder(tmp_path / 'in', a_jpg=jpg((9, 9))[0])
    report = file_sources(
        [source],
        lambda member: Place(f'x/{member.name}', filing.check_image),
        tmp_path / 'out',
    )
    assert report.placed == {'x': 1}
    assert json.dumps(report.problems) == '[]'
