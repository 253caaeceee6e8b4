"""What is wrong with a comparison is told before anything is trained."""

import pytest

from mmposetransfer.cli import main
from mmposetransfer.comparison import Comparison, read_entries

NAMES = ('pg2_synthfashion_64', 'patn_synthfashion_64')


@pytest.mark.parametrize(
    ('configs', 'message'),
    [
        (['pg2_synthfashion_46'], "no config file 'pg2_synthfashion_46'"),
        (['one=nowhere.py'], "no config file 'nowhere.py'"),
        ([NAMES[0], NAMES[0]], "two configs have the name 'pg2_synth"),
        (['PG2=' + NAMES[0], 'pg2=' + NAMES[1]], 'two configs have the name'),
        (['.x=' + NAMES[0]], "'.x' cannot be the name of a method"),
        ([NAMES[0], 'pg2_synthfashion'], 'not tested on the same pairs'),
        (['dipt/geometry'], 'has to name data|train_dataloader'),
    ],
)
def test_configs_that_cannot_be_compared(configs, message, tmp_path):
    with pytest.raises(SystemExit, match=message):
        main(['compare', *configs, '--out-dir', str(tmp_path / 'out')])
    assert not (tmp_path / 'out').exists()


def test_a_mistyped_config_is_told_as_training_tells_it(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(
        "_base_ = 'mmposetransfer::pg2/pg2_synthfashion_64.py'\n"
        'model = dict(generator_coarse=dict(base_chanels=8))\n'
    )
    with pytest.raises(SystemExit, match="'base_channels'"):
        main(['compare', str(path), '--out-dir', str(tmp_path / 'out')])


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / 'letter.txt').write_text('dear')
    argv = ['compare', NAMES[0], '--out-dir', str(tmp_path)]
    with pytest.raises(SystemExit, match=r'such as letter\.txt'):
        main(argv)
    assert [path.name for path in tmp_path.iterdir()] == ['letter.txt']


def test_what_a_system_leaves_in_a_folder_is_nothing(tmp_path):
    (tmp_path / '.DS_Store').write_bytes(b'of a file manager')
    with Comparison(tmp_path, read_entries(NAMES[:1]), [0]).claimed():
        pass


def test_one_process_alone_works_in_a_folder(tmp_path):
    comparison = Comparison(tmp_path / 'out', read_entries(NAMES[:1]), [0])
    with (
        comparison.claimed(),
        pytest.raises(ValueError, match='another process is at work'),
        comparison.claimed(),
    ):
        pass
    with comparison.claimed():  # the first has ended
        pass


def test_methods_may_prepare_the_same_pairs_in_their_own_way():
    """DPT's bodies are fitted when a pair is drawn, PG2 needs none."""
    entries = read_entries([NAMES[0], 'dpt_synthfashion_64'], {}, 8)
    assert [entry.name for entry in entries] == [
        NAMES[0],
        'dpt_synthfashion_64',
    ]
