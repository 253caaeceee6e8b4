"""The completion's network: its blocks, its sizes, what it can see."""

import pytest
import torch
from closeness import assert_near

from mmposetransfer.models.methods.completion import CompletionGenerator
from mmposetransfer.models.methods.completion.generator import _CrossAttention


def make_inputs(height=32, width=48, seed=0):
    generator = torch.Generator().manual_seed(seed)

    def maps(channels):
        return torch.rand(2, channels, height, width, generator=generator)

    return dict(
        copied=maps(3),
        trust=maps(1),
        known=maps(1),
        body=maps(1).round(),
        background=maps(3),
        tgt_pose=maps(18),
        ref_img=maps(3),
        ref_person=maps(1),
        ref_pose=maps(18),
        flow=4 * maps(2),
        surface=(255 * maps(2)).byte(),
    )


def build(**changes):
    torch.manual_seed(0)
    generator = CompletionGenerator(
        **{**dict(channels=(8, 12), blocks=(1, 1), heads=2), **changes}
    )
    torch.nn.init.normal_(generator.head.weight)  # it begins near zero
    return generator


def test_sizes():
    made, copy, person, prior = build()(**make_inputs())
    assert made.shape == prior.shape == (2, 3, 32, 48)
    assert copy.shape == person.shape == (2, 1, 32, 48)


def test_attention_is_that_of_a_loop():
    """Softmax of likeness over all places of the reference, by heads."""
    torch.manual_seed(0)
    attention = _CrossAttention(6, heads=2)
    torch.nn.init.normal_(attention.out.weight)
    x, reference = torch.randn(1, 6, 2, 3), torch.randn(1, 6, 2, 3)
    query = attention.query(x)[0].flatten(1)  # (6, 6): channels, places
    key, value = attention.key_value(reference)[0].flatten(1).split(6)
    found = torch.zeros(6, 6)
    for head in (slice(0, 3), slice(3, 6)):
        for place in range(6):
            likeness = torch.stack(
                [query[head, place] @ key[head, other] for other in range(6)]
            )
            share = (likeness / 3**0.5).softmax(0)
            found[head, place] = value[head] @ share
    wanted = x + attention.out(found.reshape(1, 6, 2, 3))
    assert_near(attention(x, reference), wanted)


def test_it_begins_without_attention():
    attention = _CrossAttention(4, heads=1)
    x = torch.randn(1, 4, 3, 3)
    assert_near(attention(x, torch.randn(1, 4, 3, 3)), x)


def test_the_wall_of_the_reference_is_not_seen():
    """Only its person is: a wall would come back as a ghost."""
    inputs = make_inputs()
    inputs['ref_person'][..., :24] = 0
    before = build()(**inputs)
    inputs['ref_img'][..., :24] = 7
    assert_near(build()(**inputs), before)


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match='multiples of 8.*pad_size_divisor'):
        build()(**make_inputs(36, 48))


def test_blocks_of_another_number_than_levels_are_refused():
    with pytest.raises(ValueError, match="as many 'blocks' as 'channels'"):
        build(blocks=(1,))
