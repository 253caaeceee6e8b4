"""What configs keep of the pairs that a method is tested on."""

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmposetransfer.apis import find_config, list_models
from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.setup_env import register_all_modules

# Truth that metrics of the comparison read, beside the target picture.
READ = {
    'attributes',
    'flow',
    'ref_person',
    'tgt_img',
    'tgt_keypoints',
    'tgt_parts',
    'tgt_person',
    'visibility',
}
COMPARED = list_models('*_synthfashion_64')


@pytest.mark.parametrize('name', COMPARED)
def test_all_that_metrics_read_is_kept(name, tmp_path):
    register_all_modules()
    init_default_scope('mmposetransfer')
    dataset = Config.fromfile(find_config(name)).test_dataloader.dataset
    dataset.update(num_people=1, num_pairs=1, cache=str(tmp_path))
    (pair,) = DATASETS.build(dataset)
    assert set(pair['inputs']) >= READ


def test_some_methods_are_compared():
    assert len(COMPARED) > 10
