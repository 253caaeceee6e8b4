"""Pairs as single images, and the count of updates."""

import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import nn

from mmposetransfer.models.methods.single_images import of_side, single_images
from mmposetransfer.models.methods.update_count import UpdateCount


def test_both_pictures_of_a_pair_are_samples_with_what_is_theirs():
    ref, tgt = torch.rand(2, 2, 3, 4, 4)
    inputs = dict(
        ref_img=ref,
        tgt_img=tgt,
        ref_keypoints=torch.zeros(2, 18, 3),
        tgt_keypoints=torch.ones(2, 18, 3),
        tgt_mask=torch.rand(2, 1, 4, 4),  # the reference has none
        flow=torch.rand(2, 2, 4, 4),
        box=(0, 0, 4, 4),
    )
    got = single_images(inputs)
    assert set(got) == {'img', 'keypoints'}
    assert torch.equal(got['img'], torch.stack([*ref, *tgt]))
    assert got['keypoints'].mean((1, 2)).tolist() == [0, 0, 1, 1]
    assert set(of_side(inputs, 'tgt')) == {'img', 'keypoints', 'mask'}
    assert of_side(inputs, 'ref')['img'] is ref


def test_pictures_without_a_partner_are_taken_as_they_are():
    inputs = dict(ref_img=torch.rand(2, 3, 4, 4), ref_pose=torch.rand(2, 1))
    got = single_images(inputs)
    assert torch.equal(got['img'], inputs['ref_img'])
    assert set(got) == {'img', 'pose'}


@pytest.mark.parametrize('every', [1, 3])
def test_updates_are_counted_and_not_steps(every):
    net, count = nn.Linear(1, 1), UpdateCount()
    wrapper = OptimWrapper(
        torch.optim.SGD(net.parameters(), lr=0.1), accumulative_counts=every
    )
    counts = []
    for _ in range(6):
        wrapper.update_params(net(torch.ones(1, 1)).sum())
        count.follow(wrapper)
        counts.append(int(count.done))
    assert counts == [(step + 1) // every for step in range(6)]
    again = UpdateCount()
    again.load_state_dict(count.state_dict())
    assert again.done == count.done
