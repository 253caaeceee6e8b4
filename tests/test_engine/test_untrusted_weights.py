"""Weights of others, as ``load_from`` of a training run."""

import pickle
from pathlib import Path

import pytest
from tiny_training import run_training, tiny_config


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize('resume', [False, True])
def test_a_pickle_that_would_run_code_is_refused(tmp_path, resume):
    touched = tmp_path / 'touched'
    weights = tmp_path / 'weights.pth'
    weights.write_bytes(pickle.dumps(dict(state_dict=Payload(touched))))
    cfg = tiny_config(tmp_path / 'run', load_from=str(weights), resume=resume)
    with pytest.raises(ValueError, match='weights.pth'):
        run_training(cfg)
    assert not touched.exists()
