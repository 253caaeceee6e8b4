"""PATN's discriminator."""

import pytest
import torch
from closeness import assert_near

from mmposetransfer.models.methods.patn import ResidualDiscriminator


def build(**changes):
    torch.manual_seed(0)
    arguments = dict(in_channels=6, base_channels=4, num_blocks=2)
    return ResidualDiscriminator(**{**arguments, **changes}).eval()


@pytest.mark.parametrize('norm', ['instance', 'batch'])
@pytest.mark.parametrize('levels', [1, 2])
def test_every_feature_is_a_verdict(norm, levels):
    judge = build(norm=norm, num_levels=levels)
    logits = judge(torch.rand(2, 6, 16, 12))
    step = 2**levels
    assert logits.shape == (2, 4 * step, 16 // step, 12 // step)
    assert logits.min() < 0 < logits.max()


def test_blocks_add_to_what_they_see():
    judge, encoder = build(), build(num_blocks=0)
    encoder.load_state_dict(judge.state_dict(), strict=False)
    x = torch.rand(2, 6, 16, 16)
    assert not torch.allclose(judge(x), encoder(x))
    for block in judge.model[-2:]:
        torch.nn.init.zeros_(block.convs[-2].weight)
    assert_near(judge(x), encoder(x))


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match='multiples of 4, got 16x14'):
        build()(torch.rand(1, 6, 16, 14))
