"""Outfits, the cutting of cloth, and labels."""

import numpy as np
import pytest

from mmposetransfer.geometry.normals import vertex_normals
from mmposetransfer.synthfashion import ATTRIBUTES
from mmposetransfer.synthfashion.attributes import describe
from mmposetransfer.synthfashion.cutting import clip, split
from mmposetransfer.synthfashion.garments import edge_fields, make_shell
from mmposetransfer.synthfashion.hair import HAIRSTYLES, make_hair
from mmposetransfer.synthfashion.identity import sample_identity
from mmposetransfer.synthfashion.mesh import Mesh
from mmposetransfer.synthfashion.patterns import PATTERNS
from mmposetransfer.synthfashion.person import build_person
from mmposetransfer.synthfashion.shoes import make_shoe
from mmposetransfer.synthfashion.skirts import make_skirt, skirt_weights
from mmposetransfer.synthfashion.surface import get_surface
from mmposetransfer.synthfashion.wardrobe import (
    CATEGORIES,
    NECKLINES,
    Garment,
    sample_outfit,
)


@pytest.fixture(scope='module')
def surface():
    return get_surface()


@pytest.fixture(scope='module')
def wardrobe(surface):
    """Many identities with their outfits."""
    rng = np.random.default_rng(0)
    people = []
    for _ in range(900):
        identity = sample_identity(rng, surface.body.num_betas)
        people.append((identity, sample_outfit(rng, identity.feminine)))
    return people


def area(mesh, columns=slice(0, 3)):
    """Surface of a mesh, square metres."""
    a, b, c = (mesh.vertices[mesh.faces[:, k], columns] for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2


def square():
    """A square of 2 x 2 metres in 200 random triangles of a grid."""
    rng = np.random.default_rng(1)
    line = np.linspace(-1, 1, 11)
    x, y = np.meshgrid(line, line)
    inner = (np.abs(x) < 1) & (np.abs(y) < 1)
    x, y = (
        grid + rng.uniform(-0.06, 0.06, x.shape) * inner for grid in (x, y)
    )
    vertices = np.zeros((121, 32), np.float32)
    vertices[:, 0], vertices[:, 1] = x.ravel(), y.ravel()
    index = np.arange(121).reshape(11, 11)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    count = len(faces)
    return Mesh(
        vertices,
        faces.astype(np.int32),
        np.zeros((count, 3, 2), np.float32),
        np.zeros(count, np.int32),
        np.arange(count).astype(np.uint8),
    )


def test_a_cut_square_has_the_area_of_its_half_plane():
    mesh = square()
    values = mesh.vertices[:, 0] - 0.33
    inner, outer = split(mesh, values)
    assert area(inner) == pytest.approx(2 * 0.67, abs=1e-5)
    assert area(outer) == pytest.approx(2 * 1.33, abs=1e-5)
    assert inner.vertices[inner.faces, 0].min() > 0.33 - 1e-6
    assert outer.vertices[outer.faces, 0].max() < 0.33 + 1e-6
    # Both keep their orientation, and faces the label of their origin.
    for side in (inner, outer):
        a, b, c = (side.vertices[side.faces[:, k], :2] for k in range(3))
        assert (np.cross(b - a, c - a) > -1e-7).all()
        middle = side.vertices[side.faces, :2].mean(1)
        origin = mesh.vertices[mesh.faces[side.part], :2].mean(1)
        assert np.linalg.norm(middle - origin, axis=1).max() < 0.25


def test_cuts_share_their_vertices():
    mesh = square()
    inner = clip(mesh, mesh.vertices[:, 0] - 0.33)
    cut = np.abs(inner.vertices[:, 0] - 0.33) < 1e-6
    places = inner.vertices[cut, :2].round(6)
    assert len(np.unique(places, axis=0)) == len(places)


def test_cuts_that_miss():
    mesh = square()
    everything = clip(mesh, np.ones(121))
    nothing = clip(mesh, -np.ones(121))
    assert len(everything.faces) == len(mesh.faces)
    assert len(nothing.faces) == 0


def test_outfits_have_everything(wardrobe):
    garments = [garment for _, outfit in wardrobe for garment in outfit]
    assert {garment.category for garment in garments} == set(CATEGORIES)
    assert {garment.neckline for garment in garments} == {'', *NECKLINES}
    assert {garment.pattern for garment in garments} == set(PATTERNS)
    assert {identity.hairstyle for identity, _ in wardrobe} == set(HAIRSTYLES)
    sleeves = np.array(
        [garment.sleeve for garment in garments if garment.is_upper]
    )
    assert np.histogram(sleeves, (0, 0.1, 0.9, 1.6, 2))[0].min() > 30
    hems = np.array([garment.hem for garment in garments if garment.has_skirt])
    assert np.histogram(hems, (0, 0.4, 0.9, 1.2, 1.7))[0].min() > 10


def test_everybody_is_decent(wardrobe):
    """Torso and hips are covered, once per place, and shoes are worn."""
    for _, outfit in wardrobe:
        assert any(garment.is_upper for garment in outfit)
        assert (
            min(
                garment.hem
                for garment in outfit
                if garment.category
                not in ('shoes', 'sneakers', 'boots', 'socks')
            )
            < 1.8
        )
        categories = [garment.category for garment in outfit]
        assert len(set(categories)) == len(categories)
        assert set(categories) & {'shoes', 'sneakers', 'boots'}


def test_attributes(wardrobe):
    assert len(ATTRIBUTES) >= 40 and len(set(ATTRIBUTES)) == len(ATTRIBUTES)
    vectors = np.stack([describe(*person) for person in wardrobe])
    assert vectors.shape == (len(wardrobe), len(ATTRIBUTES))
    missing = [
        name
        for name, count in zip(ATTRIBUTES, vectors.sum(0), strict=True)
        if count == 0
    ]
    assert missing == []
    always = [
        name
        for name, share in zip(ATTRIBUTES, vectors.mean(0), strict=True)
        if share == 1
    ]
    assert always == []
    index = ATTRIBUTES.index
    for (identity, outfit), vector in zip(wardrobe, vectors, strict=True):
        assert vector[index('woman')] == identity.feminine
        for category in CATEGORIES:
            worn = any(garment.category == category for garment in outfit)
            assert vector[index(category)] == worn


def test_a_long_sleeve_is_labelled_so():
    garment = Garment(
        'long_sleeve',
        sleeve=1.9,
        neckline='v',
        texture=np.full((16, 16, 3), (180, 20, 30), np.uint8),
    )
    rng = np.random.default_rng(0)
    vector = describe(sample_identity(rng, 10), [garment])
    for name in (
        'long_sleeve',
        'full_sleeve',
        'v_neck',
        'red_top',
        'plain_pattern',
    ):
        assert vector[ATTRIBUTES.index(name)] == 1, name
    assert vector[ATTRIBUTES.index('short_sleeve')] == 0


def test_cloth_ends_at_its_edges_and_stays_off_the_skin(surface):
    normals = vertex_normals(surface.canon, surface.faces)
    garment = Garment('t_shirt', sleeve=0.6, hem=2.0, neckline='v', ease=0.015)
    mesh = make_shell(garment, surface, surface.canon, normals)
    used = np.unique(mesh.faces)
    fields = edge_fields(mesh.canon[used], garment, surface)
    assert np.min(fields) > -0.004  # faces are flat, necklines round
    # Cloth hangs at least its own thickness over the vertex it covers.
    thick = np.linalg.norm(mesh.place[used] - mesh.canon[used], axis=1)
    assert thick.min() > 0.003
    assert np.abs(mesh.canon[used, 0]).max() == pytest.approx(
        surface.reach(0.6), abs=0.002
    )
    assert mesh.canon[used, 1].min() == pytest.approx(
        surface.height(2.0), abs=0.002
    )
    np.testing.assert_allclose(mesh.weights[used].sum(1), 1, atol=1e-4)


@pytest.mark.parametrize('flare, hem', [(0.005, 1.4), (0.15, 0.4)])
def test_a_skirt_goes_around_the_legs(surface, flare, hem):
    garment = Garment(
        'skirt', top=2.3, waist=2.3, hem=hem, flare=flare, pleats=8
    )
    mesh = make_skirt(
        garment,
        surface,
        surface.canon,
        surface.joints,
        np.random.default_rng(0),
    )
    assert mesh.place[:, 1].min() == pytest.approx(
        surface.height(hem), abs=1e-3
    )
    legs = surface.canon[surface.is_trunk]
    for height in np.linspace(
        surface.height(hem) + 0.02, surface.height(2.25), 7
    ):
        slab = legs[np.abs(legs[:, 1] - height) < 0.012]
        ring = mesh.place[np.abs(mesh.place[:, 1] - height) < 0.02]
        centre = ring[:, [0, 2]].mean(0)
        at = np.arctan2(*(slab[:, [0, 2]] - centre).T)
        around = np.arctan2(*(ring[:, [0, 2]] - centre).T)
        order = np.argsort(around)
        reach = np.interp(
            at,
            around[order],
            np.linalg.norm(ring[order][:, [0, 2]] - centre, axis=1),
            period=2 * np.pi,
        )
        assert (
            np.linalg.norm(slab[:, [0, 2]] - centre, axis=1) < reach + 1e-3
        ).all()


def test_skirt_weights(surface):
    y = np.linspace(surface.height(0.1), surface.height(2.4), 50)
    points = np.stack(
        [np.repeat([-0.2, 0, 0.2], 50), np.tile(y, 3), np.full(150, 0.1)], 1
    )
    weights = skirt_weights(points, surface)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
    left, right = weights[100:], weights[:50]
    np.testing.assert_allclose(left[:, [1, 4]], right[:, [2, 5]], atol=1e-6)
    assert left[:25, [1, 4]].sum(1).min() > 0.9  # the thigh carries its side


def test_people_are_whole_meshes(surface):
    for seed in range(6):
        person = build_person(np.random.default_rng(seed), surface)
        count = len(person.rest)
        assert np.isfinite(person.rest).all()
        assert np.abs(person.rest).max() < 2
        assert set(np.unique(person.faces)) == set(range(count))
        assert person.material.max() < len(person.table.rows)
        assert set(np.unique(person.part)) == {1, 2, 3, 4, 5, 6}
        np.testing.assert_allclose(person.skinning.weight.sum(1), 1, atol=1e-3)


def volume(mesh, origin=0):
    """Signed volume, positive where faces turn counter-clockwise outside."""
    a, b, c = (
        mesh.place[mesh.faces[:, k]].astype(float) - origin for k in range(3)
    )
    return (np.cross(a, b) * c).sum() / 6


@pytest.mark.parametrize('style', ['bun', 'ponytail'])
def test_tails_are_wound_outwards(surface, style):
    """Else their outside would count as a hidden inside."""
    normals = vertex_normals(surface.canon, surface.faces)
    for seed in range(3):
        tail = make_hair(
            style,
            surface,
            surface.canon,
            normals,
            surface.joints,
            np.random.default_rng(seed),
        )[1]
        assert volume(tail, tail.place.mean(0)) > 1e-5


def test_shoes_are_wound_outwards(surface):
    shoe = Garment('sneakers', top=0.03, hem=-2, ease=0.003)
    for side in (0, 1):
        for piece in make_shoe(
            shoe, surface, surface.canon, surface.joints, side
        ):
            assert volume(piece, piece.place.mean(0)) > 1e-5


def test_skin_is_deep_and_wound_outwards(surface):
    person = build_person(np.random.default_rng(0), surface)
    skin = person.material < 3
    assert person.deep[skin].all() and not person.deep.all()
    corners = person.rest[person.faces[skin]].astype(float)
    normal = np.cross(
        corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    )
    bones = person.skinning.index[person.faces[skin, 0], 0]
    outward = corners.mean(1) - person.skeleton_rest[bones]
    assert ((normal * outward).sum(1) > 0).mean() > 0.75
