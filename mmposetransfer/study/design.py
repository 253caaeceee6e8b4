"""Which pictures a participant is shown, in which order, on which side.

Two tests, as in the paper (section 4.5): in *real or fake* each picture, a
photograph or a generated one, is shown for a second; in *side by side* the
results of two methods of one scene are shown at once. A *block* is one test of
one method, or of one pair of methods. A *scene* is a name that the folders of
all methods share: one reference in one target pose.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mmposetransfer.errors import UserValueError

__all__ = [
    'GENERATED',
    'REAL',
    'StudyDesign',
    'Trial',
    'draw_scenes',
    'plan_trials',
]

#: What a picture is, and what it can be judged to be.
REAL, GENERATED = 'real', 'generated'
# What else names a folder of pictures.
_TAKEN = frozenset([REAL, GENERATED, 'reference', 'pose'])


@dataclass(frozen=True)
class StudyDesign:
    """How many pictures of what are judged by one participant.

    The defaults are those of the paper: 55 real and 55 generated pictures of
    each method, of which the first 10 are practice, then 55 pairs, of which
    the first 5 are practice.

    Args:
        methods (tuple[str, ...]): Names of the methods, one or more.
        images (int): Real pictures in a block of real or fake, and as many
            generated ones; 0 leaves that test out.
        image_practice (int): How many of both together are practice, half of
            them real.
        pairs (int): Pairs in a block of side by side; 0 leaves that test out.
        pair_practice (int): How many of them are practice.
        blocks (int, optional): The most blocks of each test that one
            participant gets; methods and pairs of methods take turns.
            Defaults to all of them.

    Raises:
        UserValueError: If no such study can be made.
    """

    methods: tuple[str, ...]
    images: int = 55
    image_practice: int = 10
    pairs: int = 55
    pair_practice: int = 5
    blocks: int | None = None

    def __post_init__(self) -> None:
        if not self.methods or len(set(self.methods)) < len(self.methods):
            raise UserValueError(
                'a study is of one method or more, each under a name of its '
                f'own, got {list(self.methods)}'
            )
        wrong = _TAKEN.intersection(self.methods)
        if wrong:
            raise UserValueError(
                f"a method cannot be called '{min(wrong)}': choose another "
                'name'
            )
        for practice, all_of_them in (
            (self.image_practice, 2 * self.images),
            (self.pair_practice, self.pairs),
        ):
            if all_of_them < 0 or practice < 0:
                raise UserValueError(
                    'numbers of pictures and pairs cannot be negative'
                )
            if 0 < all_of_them <= practice:
                raise UserValueError(
                    f'of {all_of_them} trials {practice} are to be practice, '
                    'and none would be left to count: ask for fewer'
                )
        if self.blocks is not None and self.blocks < 1:
            raise UserValueError(
                f'blocks must be at least 1, got {self.blocks}'
            )
        if self.scenes_needed == 0:
            raise UserValueError(
                'the study has no trials: side by side takes two methods or '
                'more, and real or fake takes images'
            )

    @property
    def comparisons(self) -> tuple[tuple[str, str], ...]:
        """The pairs of methods that are shown side by side."""
        return tuple(combinations(self.methods, 2)) if self.pairs else ()

    @property
    def image_blocks(self) -> int:
        """Blocks of real or fake that a participant gets."""
        return self._most(len(self.methods)) if self.images else 0

    @property
    def pair_blocks(self) -> int:
        """Blocks of side by side that a participant gets."""
        return self._most(len(self.comparisons))

    @property
    def scenes_needed(self) -> int:
        """Scenes that a participant is shown, each of them once."""
        return (
            2 * self.images * self.image_blocks + self.pairs * self.pair_blocks
        )

    def _most(self, count: int) -> int:
        return count if self.blocks is None else min(count, self.blocks)


@dataclass(frozen=True)
class Trial:
    """What is shown once, and what the two answers to it mean.

    Attributes:
        block: Number of the block, from 0.
        practice: Whether the answer does not count.
        scene: Of the pictures.
        left: What is said by the left button, key or picture: in side by
            side, that this method is better; in real or fake, 'real' or
            'generated'.
        right: The same of the right one.
        method: In real or fake, the method that the block is of; None in
            side by side.
        shown: In real or fake, what the picture is: 'real' or 'generated'.
    """

    block: int
    practice: bool
    scene: str
    left: str
    right: str
    method: str | None = None
    shown: str | None = None

    def pictures(self, beside: tuple[str, ...] = ()) -> dict[str, str]:
        """Places on the page, each with the source of its picture.

        Args:
            beside: Sources shown with a pair: 'reference', 'pose', 'real'.

        Returns:
            Of real or fake 'picture'; of side by side 'left', 'right' and
            what is beside them.
        """
        if self.method is None:
            return {
                'left': self.left,
                'right': self.right,
                **{source: source for source in beside},
            }
        return {'picture': REAL if self.shown == REAL else self.method}


def draw_scenes(
    names: list[str], design: StudyDesign, seed: int, pool: int | None = None
) -> list[str]:
    """Draw the scenes of a study at random.

    Args:
        names: Of all scenes that there are.
        design: Of the study.
        seed: Of the study.
        pool: How many to draw. Defaults to what one participant needs, so
            that all participants judge the same scenes and their agreement
            can be measured.

    Returns:
        list[str]: In the order in which participants are given them.

    Raises:
        UserValueError: If there are too few for a participant to be shown
            none of them twice.
    """
    needed = design.scenes_needed
    pool = needed if pool is None else pool
    if not needed <= pool <= len(names):
        raise UserValueError(
            f'a participant is shown {needed} scenes, none of them twice; '
            f'{min(pool, len(names))} are to be had. Ask for fewer images, '
            'pairs or blocks, or bring pictures of more scenes, under the '
            'same names in all folders'
        )
    order = np.random.default_rng(seed).permutation(len(names))
    return [sorted(names)[index] for index in order[:pool]]


def plan_trials(
    design: StudyDesign, scenes: list[str], seed: int, number: int
) -> list[Trial]:
    """All trials of one participant, in order.

    Participants take turns, by their number: at the scenes, so that all are
    shown about equally often; at methods where there are more of them than
    blocks; at which key means real (all even numbers have it on the left);
    at whether a scene is shown as a photograph or as a generated picture.
    The order within a block is random.

    Args:
        design: Of the study.
        scenes: From :func:`draw_scenes`.
        seed: Of the study; with the number it is the participant's.
        number: Of the participant, from 0.

    Returns:
        list[Trial]: Practice first in each block; blocks of real or fake
        before those of side by side.
    """
    rng = np.random.default_rng([seed, number])
    first = number * design.scenes_needed
    walk = iter(
        scenes[(first + i) % len(scenes)] for i in range(design.scenes_needed)
    )
    trials: list[Trial] = []
    for method in _turn(design.methods, design.image_blocks, number, rng):
        real, generated = (_take(walk, design.images) for _ in range(2))
        if number // 2 % 2:
            real, generated = generated, real
        trials += _image_block(
            design,
            rng,
            method,
            real,
            generated,
            number % 2 == 0,
            _next_block(trials),
        )
    for methods in _turn(design.comparisons, design.pair_blocks, number, rng):
        trials += _pair_block(
            design,
            rng,
            methods,
            _take(walk, design.pairs),
            _next_block(trials),
        )
    return trials


def _image_block(design, rng, method, real, generated, left_is_real, block):
    answers = (REAL, GENERATED) if left_is_real else (GENERATED, REAL)
    practice, counted = [], []
    split = design.image_practice // 2
    for shown, scenes, first in (
        (REAL, real, split),
        (GENERATED, generated, design.image_practice - split),
    ):
        for i, scene in enumerate(_shuffled(scenes, rng)):
            is_practice = i < first
            (practice if is_practice else counted).append(
                Trial(block, is_practice, scene, *answers, method, shown)
            )
    return _shuffled(practice, rng) + _shuffled(counted, rng)


def _pair_block(design, rng, methods, scenes, block):
    split = design.pair_practice
    swaps = _half(split, rng) + _half(len(scenes) - split, rng)
    return [
        Trial(block, i < split, scene, *(methods[::-1] if swap else methods))
        for i, (scene, swap) in enumerate(
            zip(_shuffled(scenes, rng), swaps, strict=True)
        )
    ]


def _turn(items, count, number, rng):
    """The items whose turn it is, in random order."""
    return _shuffled(
        [items[(number * count + i) % len(items)] for i in range(count)], rng
    )


def _half(count, rng):
    """So many booleans, half of them true, in random order."""
    odd_one = rng.integers(2)
    return _shuffled([(i + odd_one) % 2 == 0 for i in range(count)], rng)


def _shuffled(items, rng):
    return [items[index] for index in rng.permutation(len(items))]


def _take(walk, count):
    return [next(walk) for _ in range(count)]


def _next_block(trials):
    return trials[-1].block + 1 if trials else 0
