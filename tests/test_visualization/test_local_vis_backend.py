"""Scalars that go on from those of an interrupted run."""

import json

import numpy as np
import pytest

from mmposetransfer.visualization import LocalVisBackend


@pytest.fixture
def said(monkeypatch):
    """What is logged."""
    lines = []
    monkeypatch.setattr(
        'mmposetransfer.visualization.local_vis_backend.print_log',
        lambda line, **where: lines.append(line),
    )
    return lines


def backend(work_dir, name, steps):
    made = LocalVisBackend(str(work_dir / name / 'vis_data'))
    for step in steps:
        made.add_scalars(dict(loss=step / 2), step=step)
    return made


def steps(made):
    with open(made.scalars) as file:
        return [json.loads(line)['step'] for line in file]


def test_lines_after_the_checkpoint_are_left_out(tmp_path, said):
    first = backend(tmp_path, '1', range(3))
    position = first.position(tmp_path)
    first.add_scalars(dict(loss=9), step=3)
    second = backend(tmp_path, '2', [])
    second.continue_from(tmp_path, position)
    second.add_scalars(dict(loss=8), step=3)
    assert steps(second) == [0, 1, 2, 3]
    assert steps(first) == [0, 1, 2, 3]  # as it was
    # The third start goes on from the second's file.
    third = backend(tmp_path, '3', [])
    third.continue_from(tmp_path, second.position(tmp_path))
    assert steps(third) == [0, 1, 2, 3] and not said


def test_a_start_within_the_same_second_shares_the_folder(tmp_path):
    first = backend(tmp_path, '1', range(3))
    position = first.position(tmp_path)
    first.add_scalars(dict(loss=9), step=3)
    again = backend(tmp_path, '1', [])
    again.continue_from(tmp_path, position)
    assert steps(again) == [0, 1, 2]


@pytest.mark.parametrize(
    'position', [None, dict(file='gone/vis_data/scalars.json', size=3)]
)
def test_scalars_that_are_gone_are_told(tmp_path, said, position):
    made = backend(tmp_path, '1', [])
    made.continue_from(tmp_path, position)
    assert len(said) == 1 and 'not there' in said[0]
    made.add_scalars(dict(loss=1), step=7)
    assert steps(made) == [7]


def test_images_that_cannot_be_written_are_left_out(tmp_path, said):
    made = backend(tmp_path, '1', [0])
    image = np.zeros((4, 6, 3), np.uint8)
    made.add_image('grid', image, step=1)
    path = tmp_path / '1' / 'vis_data' / 'vis_image' / 'grid_1.png'
    assert path.is_file()
    path.unlink()
    path.mkdir()  # in the way
    made.add_image('grid', image, step=1)
    assert len(said) == 1 and 'grid_1.png' in said[0]
