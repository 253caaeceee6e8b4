"""Arguments that a class takes, seen from outside."""

import functools

import pytest
from mmengine.hooks import CheckpointHook
from torch import nn

from mmposetransfer.utils.signatures import (
    accepted_arguments,
    required_arguments,
)


class Base:
    def __init__(self, base, option=1):
        pass


class HandsOn(Base):
    def __init__(self, own, **kwargs):
        super().__init__(**kwargs)


class HandsOnTwice(HandsOn):
    def __init__(self, *args, outer=0, **others):
        super().__init__(*args, **others)


class Keeps(Base):
    def __init__(self, own, **kwargs):
        super().__init__(1)
        self.kwargs = kwargs


class KeepsAndHandsOn(Base):
    def __init__(self, **kwargs):
        self.kwargs = kwargs
        super().__init__(**kwargs)


class Inherits(HandsOn):
    pass


class Bare:
    pass


@pytest.mark.parametrize(
    'obj, names, open_ended',
    [
        (Base, {'base', 'option'}, False),
        (HandsOn, {'own', 'base', 'option'}, False),
        (HandsOnTwice, {'outer', 'own', 'base', 'option'}, False),
        (Inherits, {'own', 'base', 'option'}, False),
        (Keeps, {'own'}, True),
        (KeepsAndHandsOn, set(), True),
        (Bare, set(), False),
        (lambda a, *, b=1: None, {'a', 'b'}, False),
        (functools.partial(Base, option=2), {'base', 'option'}, False),
        (
            nn.Linear,
            {'in_features', 'out_features', 'bias', 'device', 'dtype'},
            False,
        ),
        (dict, set(), True),  # a builtin without a signature
    ],
)
def test_accepted_arguments(obj, names, open_ended):
    assert accepted_arguments(obj) == (names, open_ended)


def test_names_of_an_open_ended_class_are_known():
    names, open_ended = accepted_arguments(CheckpointHook)
    assert open_ended and 'interval' in names


@pytest.mark.parametrize(
    'obj, names',
    [
        (Base, {'base'}),
        (HandsOn, {'own'}),
        (Bare, set()),
        (dict, set()),
        (nn.Linear, {'in_features', 'out_features'}),
    ],
)
def test_required_arguments(obj, names):
    assert required_arguments(obj) == names


@pytest.mark.parametrize('obj', [Base, HandsOn, HandsOnTwice, Inherits])
def test_what_is_said_to_be_taken_is_taken(obj):
    names, _ = accepted_arguments(obj)
    obj(**dict.fromkeys(names, 0))
    with pytest.raises(TypeError):
        obj(**dict.fromkeys(names | {'unheard_of'}, 0))
