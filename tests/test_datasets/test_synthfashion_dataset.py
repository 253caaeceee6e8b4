"""SynthFashion as a dataset."""

import torch
from closeness import assert_near, assert_same_picture
from mmengine.registry import init_default_scope

from mmposetransfer.datasets import SynthFashionDataset


def make(**kwargs):
    init_default_scope('mmposetransfer')
    return SynthFashionDataset(
        **{
            **dict(
                size=(64, 64),
                split='test',
                num_people=4,
                num_pairs=6,
                pipeline=[dict(type='PackPoseTransferInputs')],
            ),
            **kwargs,
        }
    )


def test_a_sample_is_the_worlds_pair():
    dataset = make()
    assert len(dataset) == 6
    pair = dataset.world.pair(3)
    sample = dataset[3]
    assert_same_picture(
        sample['inputs']['tgt_img'].numpy(), pair['tgt_img'].transpose(2, 0, 1)
    )
    assert_near(sample['inputs']['flow'].numpy(), pair['flow'])
    assert sample['data_samples'].ref_id == pair['ref_id']
    assert len(sample['inputs']['attributes']) == len(
        dataset.metainfo['attributes']
    )


def test_pictures_that_nobody_packs_are_not_drawn(tmp_path):
    keys = ('ref_keypoints', 'tgt_keypoints', 'flow', 'visibility')
    pack = dict(type='PackPoseTransferInputs')
    assert make().pictures
    assert make(pipeline=[dict(pack, keys=(*keys, 'tgt_img'))]).pictures
    assert make(pipeline=[]).pictures
    of_flow = [dict(type='UseFittedKeypoints'), dict(pack, keys=keys)]
    assert not make(pipeline=of_flow).pictures
    # But for others that read the same cache, or where one asks for them.
    assert make(pipeline=of_flow, cache=str(tmp_path)).pictures
    assert make(pipeline=of_flow, pictures=True).pictures


def test_without_pictures_all_else_is_the_same():
    dataset = make(pictures=False)
    inputs = dataset[3]['inputs']
    expected = make()[3]['inputs']
    assert set(expected) - set(inputs) == {'ref_img', 'tgt_img'}
    for key, value in inputs.items():
        assert_near(value, expected[key])


def test_the_cache_draws_once_and_is_not_changed_by_transforms(monkeypatch):
    pipeline = [
        dict(type='UseFittedKeypoints'),
        dict(type='RandomAffineTarget', max_shift=(0.2, 0.2)),
        dict(type='PackPoseTransferInputs'),
    ]
    dataset = make(cache=True, pipeline=pipeline)
    drawn = []
    draw = dataset.world.pair

    def draw_and_note(index, pictures):
        drawn.append(index)
        return draw(index, pictures)

    monkeypatch.setattr(dataset.world, 'pair', draw_and_note)
    for _ in range(3):
        dataset[2]
    assert drawn == [2]
    fresh = draw(2)
    for key, value in dataset.memory[2].items():
        assert_near(value, fresh[key])
    assert torch.is_tensor(dataset[2]['inputs']['flow'])
