"""SynthFashion as files: all formats say what the world says."""

import json
import os
import pickle
from itertools import chain

import cv2
import numpy as np
import pytest
from exported_data import SETTINGS, export
from mmengine.registry import init_default_scope

from mmposetransfer.datasets import PoseTransferDataset, read_corr
from mmposetransfer.datasets.layouts import LAYOUTS
from mmposetransfer.datasets.preparing import synthfashion_export
from mmposetransfer.datasets.preparing.synthfashion_export import (
    ExportSettings,
    export_synthfashion,
)
from mmposetransfer.datasets.verification import verify_dataset


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmposetransfer')


def files(root):
    """All files below a folder, with their bytes."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob('*')
        if path.is_file()
    }


def dataset(root, **changes):
    arguments = dict(
        data_root=str(root),
        ann_file='Label/pair_split_clean.json',
        keypoints_file='Label/pose_label.pkl',
        fitted_keypoints_file='Label/pose_label_adapt.pkl',
        data_prefix=dict(img='Img/img', seg='Img/seg', corr='3d/hmr/corr'),
        pipeline=[dict(type='LoadPair', with_flow=True, visibility_median=0)],
    )
    return PoseTransferDataset(**{**arguments, **changes})


@pytest.mark.parametrize('split', ['train', 'test'])
def test_dataset_reads_what_the_world_drew(exported, split):
    world, read = SETTINGS.world(split), dataset(exported, split=split)
    assert len(read) == len(world)
    order = [
        i
        for person in range(world.num_people)
        for i in range(person, len(world), world.num_people)
    ]
    for k, index in enumerate(order):
        pair, drawn = read[k], world.pair(index)
        for key in ('visibility', 'ref_parts', 'tgt_parts'):
            np.testing.assert_array_equal(pair[key], drawn[key])
        limit = 64  # as the readers clip it
        np.testing.assert_allclose(
            pair['flow'], drawn['flow'].clip(-limit, limit), atol=1e-4
        )
        for key in ('ref_keypoints', 'tgt_keypoints', 'ref_fitted_keypoints'):
            there = drawn[key][:, 2] > 0
            np.testing.assert_array_equal(pair[key][:, 2] > 0, there)
            np.testing.assert_allclose(
                pair[key][there, :2], drawn[key][there, :2], atol=0.006
            )
        for key in ('ref_img', 'tgt_img'):  # JPEG
            assert np.abs(pair[key].astype(int) - drawn[key]).mean() < 8


def test_lists_of_patn_say_the_same(exported):
    """Pairs of both directions; joints of the pictures cropped to 256x176."""
    ours = dataset(exported, ann_file='Label/pair_split.json', size=(64, 64))
    theirs = dataset(
        exported,
        ann_file='Label/fasion-resize-pairs-train.csv',
        keypoints_file='Label/fasion-resize-annotation-train.csv',
        keypoints_size=(256, 176),
        size=(64, 64),
    )
    assert len(ours) == len(theirs) == 2 * SETTINGS.train_pairs
    for a, b in zip(ours, theirs, strict=True):
        assert (a['ref_id'], a['tgt_id']) == (b['ref_id'], b['tgt_id'])
        for key in ('ref_keypoints', 'tgt_keypoints'):
            x = a[key][:, 0]
            # Whole pixels of 256, of columns 40 to 215; the border's aside.
            kept = (
                (a[key][:, 2] > 0)
                & (x > 10.5)
                & (x < 53)
                & (a[key][:, 1] < 62.5)
            )
            assert kept.any() and (b[key][kept, 2] > 0).all()
            np.testing.assert_allclose(
                a[key][kept, :2], b[key][kept, :2], atol=0.14
            )


def test_lists_of_images_make_the_pairs_of_people(exported):
    """`train.lst` alone: the names tell who is in the images."""
    formed = dataset(exported, ann_file='Label/train.lst')
    people = SETTINGS.train_people
    images = 2 * SETTINGS.train_pairs // people
    assert len(formed) == people * images * (images - 1)
    listed = {(p['ref_id'], p['tgt_id']) for p in formed.load_data_list()}
    pairs = json.loads((exported / 'Label/pair_split.json').read_text())
    assert {tuple(pair) for pair in pairs['train']} <= listed
    assert len(dataset(exported, ann_file='Label/train.lst', max_pairs=5)) == 5


def agreement(root, size):
    """Share of the visible pixels whose flow finds their part of the body."""
    same = []
    for pair in dataset(root, size=size):
        assert pair['ref_img'].shape == (*size, 3)
        assert pair['ref_parts'].shape == size
        ys, xs = np.nonzero(pair['visibility'][0] == 0)
        dx, dy = pair['flow'][:, ys, xs]
        columns, rows = (xs + dx).round(), (ys + dy).round()
        columns = columns.astype(int).clip(0, size[1] - 1)
        rows = rows.astype(int).clip(0, size[0] - 1)
        same.extend(
            pair['ref_parts'][rows, columns] == pair['tgt_parts'][ys, xs]
        )
    return np.mean(same)


@pytest.mark.parametrize('size', [(64, 44), (128, 88), (32, 32)])
def test_other_sizes_keep_flow_and_body_parts_together(exported, size):
    as_drawn = agreement(exported, (64, 64))
    assert as_drawn > 0.8  # a pixel is large, at this size
    assert agreement(exported, size) > as_drawn - 0.05


def test_verified_without_a_problem(exported):
    report = verify_dataset(exported, LAYOUTS['deepfashion'], (64, 64))
    assert report.problems == [] and report.notes == []
    assert report.checked['flow'] == 10 and report.checked['image'] == 20
    assert report.counts['Label/train.lst'] == (12, 48674)


def test_same_bytes_from_several_processes(exported, tmp_path):
    export_synthfashion(tmp_path, SETTINGS, jobs=2)
    assert files(tmp_path) == files(exported)


def test_resumes_where_it_was_stopped(exported, tmp_path, monkeypatch):
    """Stopped within any pair; what was there is not made again."""
    monkeypatch.setattr(synthfashion_export, '_PEOPLE_A_PART', 1)
    write, made = synthfashion_export._write_pair, []

    def stop_at_third(*args):
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(args[-1])
        return write(*args)

    monkeypatch.setattr(synthfashion_export, '_write_pair', stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        export(tmp_path)
    assert not (tmp_path / 'Label/pair_split.json').exists()
    whole = files(exported)
    assert all(
        data == whole[name]
        for name, data in files(tmp_path).items()
        if name.startswith(('Img', '3d'))
    )
    monkeypatch.setattr(synthfashion_export, '_write_pair', write)
    # The third pair was of a person that was not done.
    assert export_synthfashion(tmp_path, SETTINGS) == 10 - 2
    assert files(tmp_path) == whole
    assert export_synthfashion(tmp_path, SETTINGS) == 0


def test_other_settings_are_refused(exported):
    with pytest.raises(ValueError, match='other settings'):
        export(exported, seed=1)


def test_market1501(tmp_path):
    settings = export(
        tmp_path,
        layout='market1501',
        size=(128, 64),
        train_pairs=2,
        test_pairs=1,
    )
    layout = LAYOUTS['market1501']
    report = verify_dataset(tmp_path, layout)
    assert report.problems == []
    assert report.counts['images'] == (6, layout.images)
    read = dataset(
        tmp_path,
        data_prefix=dict(
            img='Images/img', seg='Images/seg', corr='3d/hmr/corr'
        ),
        ann_file='Label/market-pairs-train.csv',
        fitted_keypoints_file=None,
        keypoints_file='Label/market-annotation-train.csv',
    )
    assert len(read) == 2 * settings.train_pairs
    assert read[0]['ref_img'].shape == (128, 64, 3)
    assert read[0]['ref_id'].startswith('0001_c1s1_')


def test_more_people_than_names(tmp_path):
    settings = ExportSettings(
        'market1501', (128, 64), train_pairs=10_000, train_people=10_000
    )
    with pytest.raises(ValueError, match='9999 people'):
        export_synthfashion(tmp_path, settings)
    assert not os.listdir(tmp_path)


def test_formats_are_those_that_were_published(exported):
    """Read without the library."""
    label = exported / 'Label'
    points = pickle.loads((label / 'pose_label.pkl').read_bytes())
    adapted = pickle.loads((label / 'pose_label_adapt.pkl').read_bytes())
    images = {
        name.removesuffix('.jpg') for name in os.listdir(exported / 'Img/img')
    }
    assert set(points) == set(adapted) == images
    flat = list(chain(*points.values()))
    assert (
        len(flat) == 18 * len(images)
        and all(len(joint) == 2 for joint in flat)
        and [-1, -1] in flat
    )
    pairs = json.loads((label / 'pair_split.json').read_text())
    assert set(pairs) == {'train', 'test', 'test_small'}
    for id1, id2 in json.loads((label / 'pair_split_clean.json').read_text())[
        'train'
    ]:
        raw = (exported / f'3d/hmr/corr/{id2}_{id1}.corr').read_bytes()
        assert len(raw) == 8 + 9 * 64 * 64 and raw[:8] == b'@\0\0\0@\0\0\0'
        parts = cv2.imread(str(exported / f'Img/seg/{id2}.bmp'), 0)
        _, visibility = read_corr(exported / f'3d/hmr/corr/{id2}_{id1}.corr')
        np.testing.assert_array_equal(parts == 0, visibility[0] == 2)
