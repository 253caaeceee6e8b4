"""Which model a checkpoint is of, as messages say it."""

import pytest
import torch
from torch import nn

from mmposetransfer.io.checkpoint_model import compare_models, tell_model


def written_by(text):
    return dict(state_dict={}, meta=dict(cfg=text))


@pytest.mark.parametrize(
    ('content', 'name'),
    [
        (written_by("model = dict(type='PG2', a=dict(type='B'))"), 'PG2'),
        (
            written_by("seed = 0\nmodel = dict(type='mmposetransfer.DSC')"),
            'DSC',
        ),
        (written_by('model = dict(scale=2)'), None),
        (written_by('model = None'), None),
        (written_by("modle = dict(type='PG2')"), None),
        (written_by('model = dict('), None),
        (written_by(3), None),
        (dict(state_dict={}, meta=3), None),
        ({'a.b': torch.zeros(1)}, None),
        ([], None),
    ],
)
def test_the_config_in_a_checkpoint_names_its_model(content, name):
    assert tell_model(content) == name


def test_a_config_in_a_checkpoint_is_not_run(tmp_path):
    path = tmp_path / 'run'
    text = f"open({str(path)!r}, 'w')\nmodel = dict(type=open({str(path)!r}))"
    assert tell_model(written_by(text)) is None
    assert not path.exists()


def test_both_models_are_named_with_their_components():
    model = nn.ModuleDict(
        dict(critic=nn.Linear(1, 1), painter=nn.Linear(1, 1))
    )
    weights = {f'part{i}.weight': torch.zeros(1) for i in range(8)}
    assert compare_models({}, weights, model, model.state_dict()) == (
        'it is of an unnamed model (part0, part1, part2, part3, part4, part5, '
        'and 2 more), the config of ModuleDict (critic, painter)'
    )
    content = written_by("model = dict(type='PG2')")
    assert compare_models(
        content, dict(count=torch.zeros(1)), model, ['a.b']
    ) == ('it is of PG2 (without components), the config of ModuleDict (a)')
