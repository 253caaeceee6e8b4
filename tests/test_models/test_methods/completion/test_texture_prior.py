"""What a surface usually looks like: seen, mixed, learnt."""

import torch
from closeness import assert_near

from mmposetransfer.models.methods.completion.texture_prior import (
    TexturePrior,
)

SIZE = 16


def inputs(seed=0):
    generator = torch.Generator().manual_seed(seed)

    def maps(channels, size=SIZE):
        return torch.rand(2, channels, size, size, generator=generator)

    surface = (1 + 254 * maps(2)).byte()
    surface[..., : SIZE // 2] = 0
    return dict(
        features=[maps(4, SIZE // 4), maps(6, 2)],
        ref_img=2 * maps(3) - 1,
        ref_person=maps(1),
        surface=surface,
    )


def build():
    torch.manual_seed(0)
    return TexturePrior(4, 6, colours=3, atlases=2)


def test_off_the_body_it_believes_nothing():
    _, belief = build()(**inputs())
    assert belief[..., : SIZE // 2].max() == 0
    assert belief[..., SIZE // 2 :].min() > 0


def test_a_person_of_one_colour_has_it_everywhere():
    """Whatever the wall is like; the untrained atlas changes it little."""
    given = inputs()
    person = torch.zeros(2, 1, SIZE, SIZE)
    person[..., 3:13] = 1
    colour = torch.tensor([0.5, -0.2, 0.1])[:, None, None]
    given['ref_img'] = given['ref_img'] * (1 - person) + colour * person
    prior, _ = build()(**{**given, 'ref_person': person})
    assert (prior - colour).abs().mean() < 0.1


def test_pixels_of_one_place_look_alike():
    given = inputs()
    given['surface'][:, :, 3, 9] = given['surface'][:, :, 12, 10]
    prior, belief = build()(**given)
    for result in (prior, belief):
        assert_near(result[:, :, 3, 9], result[:, :, 12, 10])
        assert (result[:, :, 3, 9] - result[:, :, 4, 9]).abs().max() > 1e-4


def test_a_mark_of_the_surface_is_learnt():
    """Dark where the place is one of a few: of every person."""
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    given = inputs()
    marked = (given['surface'][:, :1] > 200) & (given['surface'][:, 1:] > 0)
    for step in range(60):
        given['ref_img'] = inputs(seed=step)['ref_img'] * 0.3 + 0.4
        prior, _ = model(**given)
        wanted = torch.where(marked, -0.8, 0.4)
        loss = (prior - wanted)[..., SIZE // 2 :].abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    dark = prior[marked.expand_as(prior)].mean()
    assert dark < -0.3
    assert prior[~marked.expand_as(prior)].mean() > dark + 0.5
