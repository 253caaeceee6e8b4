"""The tool that finds the poses of a folder, over and over."""

import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from mmposetransfer.cli.estimate_keypoints import main
from mmposetransfer.datasets import (
    load_keypoints,
    read_keypoint_table,
    write_keypoint_csv,
)
from mmposetransfer.io.image_io import read_image, write_image
from mmposetransfer.pose_estimators.files import FilePoseEstimator
from mmposetransfer.pose_estimators.record import PoseRecord
from mmposetransfer.utils.dependencies import mediapipe_line

NAMES = ('MEN/a.png', 'WOMEN/sub/b.png', 'c.png')


def pose(seed, size=(64, 128)):
    rng = np.random.default_rng(seed)
    points = rng.uniform((1, 1, 1), (*np.array(size) - 2, 1), (18, 3))
    return points.round(1)


@pytest.fixture
def folder(tmp_path):
    """Three pictures of 64x128, and one that is none."""
    for name in NAMES:
        write_image(tmp_path / 'in' / name, np.full((128, 64, 3), 90, 'u1'))
    (tmp_path / 'in' / 'notes.txt').write_text('no picture')
    return tmp_path / 'in'


@pytest.fixture
def source(tmp_path):
    poses = {name: pose(i) for i, name in enumerate(NAMES)}
    write_keypoint_csv(tmp_path / 'source.csv', poses)
    return tmp_path / 'source.csv'


def run(folder, out, source, *more):
    return main(
        [
            str(folder),
            str(out),
            '--estimator',
            'files',
            '--options',
            f'source={source}',
            *more,
        ]
    )


def count_calls(monkeypatch):
    calls = []
    real = FilePoseEstimator.__call__

    def counted(self, images, names=None):
        calls.extend(names)
        return real(self, images, names)

    monkeypatch.setattr(FilePoseEstimator, '__call__', counted)
    return calls


def test_files_of_all_formats_are_written(folder, source, tmp_path, capsys):
    out = tmp_path / 'out' / 'keypoints.csv'
    assert (
        run(
            folder,
            out,
            source,
            '--openpose-dir',
            str(tmp_path / 'op'),
            '--overlay-dir',
            str(tmp_path / 'over'),
        )
        == 0
    )
    assert out.read_bytes() == source.read_bytes()
    for i, name in enumerate(NAMES):
        path = (tmp_path / 'op' / name).with_suffix('')
        person = load_keypoints(f'{path}_keypoints.json')
        np.testing.assert_allclose(person, pose(i), atol=1e-3)
        drawn = read_image(tmp_path / 'over' / f'{name}.png')
        assert drawn.shape == (256, 128, 3)
        assert (drawn != 90).any(-1).mean() > 0.05
    assert '3 of 3 pictures' in capsys.readouterr().out
    table = read_keypoint_table(tmp_path / 'op')  # with its sub-folders
    for i, name in enumerate(NAMES):
        np.testing.assert_allclose(
            table[str(Path(name).with_suffix(''))], pose(i), atol=1e-3
        )


@pytest.mark.parametrize('share', np.arange(13) / 12)
def test_a_killed_run_is_gone_on_with(
    folder, source, tmp_path, share, monkeypatch
):
    """Whatever byte of the record was the last to reach the disk."""
    out, record = tmp_path / 'k.csv', tmp_path / 'k.csv.jsonl'
    run(folder, out, source)
    whole, table = record.read_bytes(), out.read_bytes()
    keep = round(share * len(whole))
    record.write_bytes(whole[:keep])
    out.unlink()
    calls = count_calls(monkeypatch)
    run(folder, out, source)
    assert record.read_bytes() == whole
    assert out.read_bytes() == table
    known = max(0, whole[:keep].count(b'\n') - 1)
    assert calls == list(NAMES[known:])


def test_several_processes_write_the_same(folder, source, tmp_path):
    (folder / NAMES[1]).write_bytes(b'damaged')
    for out, workers in (('a', '1'), ('b', '2')):
        path = tmp_path / out / 'k.csv'
        assert run(folder, path, source, '--workers', workers) == 1
    for name in ('k.csv', 'k.csv.jsonl'):
        one, other = (tmp_path / out / name for out in 'ab')
        assert one.read_bytes() == other.read_bytes()


def test_pictures_that_are_added_are_taken_up(
    folder, source, tmp_path, monkeypatch
):
    late = folder / NAMES[1]
    picture = late.read_bytes()
    late.unlink()
    out = tmp_path / 'k.csv'
    run(folder, out, source)
    assert list(read_keypoint_table(out)) == [NAMES[0], NAMES[2]]
    late.write_bytes(picture)
    calls = count_calls(monkeypatch)
    run(folder, out, source)
    assert calls == [NAMES[1]]
    assert list(read_keypoint_table(out)) == list(NAMES)


def test_bad_pictures_are_told_and_tried_again(
    folder, source, tmp_path, capsys
):
    bad = folder / NAMES[0]
    picture = bad.read_bytes()
    bad.write_bytes(picture[:40])
    out = tmp_path / 'k.csv'
    assert run(folder, out, source) == 1
    told = capsys.readouterr().out
    assert '2 of 3 pictures' in told and f'  {NAMES[0]}: the image' in told
    assert list(read_keypoint_table(out)) == list(NAMES[1:])
    bad.write_bytes(picture)
    assert run(folder, out, source) == 0
    assert list(read_keypoint_table(out)) == list(NAMES)


def test_pictures_without_a_person_are_told(folder, tmp_path, capsys):
    for i, name in enumerate(NAMES):
        people = [dict(pose_keypoints_2d=pose(i).ravel().tolist())] * (i > 0)
        path = tmp_path / 'op' / f'{Path(name).stem}_keypoints.json'
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(dict(people=people)))
    out = tmp_path / 'k.csv'
    assert run(folder, out, tmp_path / 'op') == 0
    told = capsys.readouterr().out
    assert f'1: nobody was found in\n  {NAMES[0]}\n' in told
    assert list(read_keypoint_table(out)) == list(NAMES[1:])


def test_the_person_in_the_box_is_taken(folder, tmp_path):
    left, right = pose(0, (30, 60)), pose(1, (30, 60))
    right[:, :2] += [30, 60]
    people = [
        dict(pose_keypoints_2d=p.ravel().tolist()) for p in (left, right)
    ]
    for name in NAMES:
        path = tmp_path / 'op' / f'{Path(name).stem}_keypoints.json'
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(dict(people=people)))
    boxes = {NAMES[0]: [0, 0, 30, 60], NAMES[1]: [30, 60, 62, 120]}
    (tmp_path / 'boxes.json').write_text(json.dumps(boxes))
    out = tmp_path / 'k.csv'
    status = run(
        folder,
        out,
        tmp_path / 'op',
        '--boxes',
        str(tmp_path / 'boxes.json'),
    )
    assert status == 1  # there is no box of the third
    found = read_keypoint_table(out)
    assert list(found) == list(NAMES[:2])
    np.testing.assert_allclose(found[NAMES[0]][:, :2], left[:, :2], rtol=1e-5)
    np.testing.assert_allclose(found[NAMES[1]][:, :2], right[:, :2], rtol=1e-5)


def test_mistakes_end_with_a_message(folder, source, tmp_path, capsys):
    out = tmp_path / 'k.csv'
    run(folder, out, source)
    (tmp_path / 'boxes.json').write_text('{"a": [1, 2, 3]}')
    (tmp_path / 'bare').mkdir()
    for arguments, message in (
        (
            [folder, out, '--options', f'source={source}', 'min_score=0.5'],
            'was made with',
        ),
        (
            [tmp_path / 'no', out, '--options', f'source={source}'],
            'there is no folder',
        ),
        (
            [tmp_path / 'bare', out, '--options', f'source={source}'],
            'no pictures are in',
        ),
        (
            [
                folder,
                out,
                '--options',
                f'source={source}',
                '--boxes',
                tmp_path / 'boxes.json',
            ],
            "the box of 'a' must be",
        ),
    ):
        with pytest.raises(SystemExit) as info:
            main([str(a) for a in arguments] + ['--estimator', 'files'])
        assert message in str(info.value)
    for option, value, message in (
        ('--overlay-dir', folder / 'o', 'may not lie among the pictures'),
        ('--min-size', '9', '--min-size enlarges pictures'),
        ('--min-size', '-1', '--min-size: expected a whole number'),
    ):
        with pytest.raises(SystemExit):
            run(folder, out, source, option, str(value))
        assert message in ' '.join(capsys.readouterr().err.split())


def test_one_json_is_not_written_for_two_pictures(folder, source, tmp_path):
    (folder / 'c.bmp').write_bytes((folder / 'c.png').read_bytes())
    with pytest.raises(SystemExit, match='would have one OpenPose JSON'):
        run(
            folder,
            tmp_path / 'k.csv',
            source,
            '--openpose-dir',
            str(tmp_path / 'op'),
        )


def test_missing_packages_are_told_with_the_way_out(
    folder, tmp_path, monkeypatch
):
    for name, line in (
        ('mediapipe', mediapipe_line()),
        ('rtmlib', 'pip install rtmlib onnxruntime'),
    ):
        monkeypatch.setitem(sys.modules, name, None)  # no import finds it
        with pytest.raises(SystemExit) as info:
            main(
                [
                    str(folder),
                    str(tmp_path / 'k.csv'),
                    '--estimator',
                    name,
                    *(
                        ['--options', f'pose={__file__}']
                        if name == 'rtmlib'
                        else []
                    ),
                ]
            )
        assert line in str(info.value)


def test_foreign_files_are_no_records(tmp_path):
    path = tmp_path / 'r.jsonl'
    for content in (
        'x\n',
        '[]\n',
        '{"settings": {}}\n{"name": "a"}\nx\n',
        '{"settings": {}}\n{"name": "a", "persons": [1]}\n',
    ):
        path.write_text(content)
        with pytest.raises(ValueError, match='no line of a record'):
            PoseRecord(path, {})
        assert path.read_text() == content


def test_any_names_and_what_is_left_out(tmp_path, capsys):
    names = [
        "a,b 'c' #1.png",
        'e\u0301/1.PNG',
        'e\u0301/x/1',
        '-rf.jfif',
        '[1]:2.gif',
        '\U0001f600.webp',
        'a.jpg.png',
    ]
    for name in names:
        ending = Path(name).suffix.lower()
        ending = {'.jfif': '.jpg', '.webp': '.webp'}.get(ending, '.png')
        write_image(tmp_path / f'x{ending}', np.full((128, 64, 3), 90, 'u1'))
        path = tmp_path / 'in' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((tmp_path / f'x{ending}').read_bytes())
    (tmp_path / 'in/d.HEIC').write_bytes(b'\0\0\0\x18ftypheic')
    (tmp_path / 'in/line\nbreak.png').write_bytes(b'x')
    (tmp_path / 'in/notes.md').write_text('x')
    (tmp_path / 'in/.hidden.png').write_bytes(b'x')
    poses = {name: pose(i) for i, name in enumerate(names)}
    source = tmp_path / 'source.csv'
    # Another system writes accents and separators otherwise.
    write_keypoint_csv(
        source,
        {
            unicodedata.normalize('NFC', name).replace('/', '\\'): points
            for name, points in poses.items()
        },
    )
    boxes = {name: [0, 0, 64, 128] for name in names}
    (tmp_path / 'boxes.json').write_text(json.dumps(boxes))
    out = tmp_path / 'k.csv'
    assert (
        run(
            tmp_path / 'in',
            out,
            source,
            '--boxes',
            str(tmp_path / 'boxes.json'),
            '--openpose-dir',
            str(tmp_path / 'op'),
            '--overlay-dir',
            str(tmp_path / 'over'),
        )
        == 0
    )
    told = capsys.readouterr()
    assert '7 of 7 pictures' in told.out
    assert f'{tmp_path / "in"}: 7 pictures taken, 3 left out' in told.err
    assert 'HEIC is not read: convert it to JPEG or PNG (1): d.HEIC' in (
        told.err
    )
    assert "which no CSV holds: rename it (1): 'line\\nbreak.png'" in told.err
    assert 'no picture (1): notes.md' in told.err
    for read in (out, tmp_path / 'op'):
        for name in names:
            np.testing.assert_allclose(
                load_keypoints(read, name)[:, :2],
                poses[name][:, :2],
                atol=1e-3,
            )
    assert set(read_keypoint_table(out)) == set(names)
    overlays = {
        p.relative_to(tmp_path / 'over').as_posix()
        for p in (tmp_path / 'over').rglob('*')
        if p.is_file()
    }
    assert overlays == {f'{name}.png' for name in names}


def test_nobody_gets_the_pose_of_a_namesake(tmp_path, capsys):
    for name in ('a/1.png', 'b/1.png', '2.png'):
        write_image(tmp_path / 'in' / name, np.full((128, 64, 3), 90, 'u1'))
    source, out = tmp_path / 'source.csv', tmp_path / 'k.csv'
    write_keypoint_csv(source, {'a/1.png': pose(1), '2.png': pose(2)})
    assert run(tmp_path / 'in', out, source) == 1
    assert 'b/1.png: ' in capsys.readouterr().out
    assert list(read_keypoint_table(out)) == ['2.png', 'a/1.png']
    out.with_name('k.csv.jsonl').unlink()
    write_keypoint_csv(source, {'1.png': pose(1), '2.png': pose(2)})
    with pytest.raises(SystemExit, match='each of these.*a/1.png, b/1.png'):
        run(tmp_path / 'in', out, source)
    out.with_name('k.csv.jsonl').unlink()
    write_keypoint_csv(source, {'x.png': pose(1), 'y.png': pose(2)})
    with pytest.raises(SystemExit, match="called 'x.png', .* '2.png'"):
        run(tmp_path / 'in', out, source)
    np.save(tmp_path / 'one.npy', pose(1))
    out.with_name('k.csv.jsonl').unlink()
    with pytest.raises(SystemExit, match='is about one picture'):
        run(tmp_path / 'in', out, tmp_path / 'one.npy')
