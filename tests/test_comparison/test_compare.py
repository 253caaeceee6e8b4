"""Two tiny methods compared from training to figure, killed and resumed."""

import csv
import json
from statistics import mean

import cv2
import numpy as np
import pytest
import torch
from kill_once import command
from mmengine.config import Config
from mmengine.runner import Runner
from processes import start
from smallest_models import shrink
from tiny_training import CONFIGS, tiny_config
from torch.multiprocessing import ProcessExitedException

from mmposetransfer.cli import main
from mmposetransfer.comparison import read_entries
from mmposetransfer.comparison.running import training_parts
from mmposetransfer.engine.checkpoint_files import find_last_good_checkpoint
from mmposetransfer.io.image_io import read_image
from mmposetransfer.registry import DATASETS

BUDGET, KILLED_AT, PAIRS = 4, 6, 2
FREE = [
    'the true picture',
    'copy the reference',
    'warp with the fitted flow',
    'warp with the true flow',
    'zero flow',
]
WARP = 'warp with the predicted flow'


def write_configs(folder):
    """A DIPT that is killed in its second stage, and a PG2."""
    dipt = tiny_config(folder / 'unused')
    dipt.custom_imports = dict(imports=['kill_once'])
    dipt.custom_hooks.append(
        dict(type='KillOnce', step=KILLED_AT, flag=str(folder / 'killed'))
    )
    pg2 = Config.fromfile(CONFIGS / 'pg2' / 'pg2_synthfashion_64.py')
    pg2.model = shrink(pg2.model)
    pg2.log_level = 'ERROR'
    for name, cfg in dict(dipt=dipt, pg2=pg2).items():
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            loader.update(
                num_workers=0, persistent_workers=False, batch_size=2
            )
            loader.dataset.update(
                num_people=4, num_pairs=4, cache=str(folder / 'pairs')
            )
        cfg.test_dataloader.dataset.num_pairs = PAIRS
        cfg.default_hooks.checkpoint_steps.interval = 1
        cfg.dump(str(folder / f'{name}.py'))


def argv_of(folder, *options, seeds=('0', '1')):
    return [
        'compare',
        f'ours={folder / "dipt.py"}',
        str(folder / 'pg2.py'),
        *('--budget', str(BUDGET)),
        *('--out-dir', str(folder / 'out')),
        *('--figure-pairs', '1'),
        *('--seeds', *seeds),
        *options,
    ]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A comparison that was killed, then run again with one seed more."""
    folder = tmp_path_factory.mktemp('compared')
    write_configs(folder)
    with pytest.raises(ProcessExitedException, match='SIGKILL'):
        start(1, command, argv_of(folder, seeds=('0',)))
    run = folder / 'out' / 'methods' / 'ours' / 'seed_0'
    assert (run / 'training' / f'iter_{KILLED_AT - 1}.pth').is_file()
    assert not (run / 'numbers.json').exists()
    table = (folder / 'out' / 'table.txt').read_text()
    assert '0 of 2 trainings are finished' in table
    main(argv_of(folder))
    return folder


@pytest.fixture(scope='module')
def table(folder):
    """The numbers of each row, by name and protocol."""
    content = json.loads((folder / 'out' / 'table.json').read_text())
    assert content['trainings'] == content['trainings_in_all'] == 4
    return {
        row['method']: {
            (n['number'], n['protocol']): n for n in row['numbers']
        }
        for row in content['methods']
    }


def truths(folder):
    """uint8 BGR of each test pair, and what the file of a method holds."""
    cfg = Config.fromfile(folder / 'pg2.py')
    dataset = DATASETS.build(dict(cfg.test_dataloader.dataset, pipeline=()))
    return [dataset.get_data_info(i)['tgt_img'] for i in range(PAIRS)]


def test_a_killed_training_ends_as_one_that_was_not(folder, tmp_path):
    entries = read_entries([str(folder / 'dipt.py')], budget=BUDGET)
    cfg = training_parts(tmp_path, entries, [0])[0].work.cfg
    Runner.from_cfg(cfg).train()
    place = folder / 'out' / 'methods' / 'ours' / 'seed_0' / 'training'
    whole, resumed = (
        torch.load(find_last_good_checkpoint(p), weights_only=True)
        for p in (cfg.work_dir, place)
    )
    for key, value in whole['state_dict'].items():
        assert torch.equal(value, resumed['state_dict'][key]), key


def test_rows_are_baselines_methods_and_their_flow(table):
    assert list(table) == [*FREE, 'ours', 'pg2', f'ours: {WARP}']
    assert {'EPE', 'vis_mIoU'} <= {number for number, _ in table['ours']}
    # What a method does not predict is not there, rather than 0.
    assert not any(number.startswith('EPE') for number, _ in table['pg2'])
    assert not any(number == 'SSIM' for number, _ in table['zero flow'])
    for name in ('ours', 'pg2'):
        numbers = table[name]
        assert all(len(n['values']) == 2 for n in numbers.values())
        assert numbers['parameters', '']['values'][0] > 0
        assert numbers['training', '']['mean'] > 0
    assert table['the true picture']['SSIM', 'dsc']['mean'] == 1


def test_numbers_are_those_of_the_pictures(folder, table):
    pictures = truths(folder)
    for name, place in (
        ('ours', 'methods/ours/seed_1'),
        ('copy the reference', 'baselines/copy_reference'),
    ):
        made = sorted((folder / 'out' / place / 'results').glob('*.png'))
        errors = [
            np.abs(read_image(path).astype(float) - truth).mean() / 255
            for path, truth in zip(made, pictures, strict=True)
        ]
        got = table[name]['L1', 'dsc']['values'][-1]
        assert got == pytest.approx(mean(errors), abs=1e-6)


def test_all_tables_say_the_same(folder, table):
    out = folder / 'out'
    rows = list(csv.DictReader((out / 'table.csv').open()))
    assert len(rows) == sum(map(len, table.values()))
    for row in rows:
        number = table[row['method']][row['number'], row['protocol']]
        values = number['values']
        assert float(row['mean']) == pytest.approx(mean(values))
        assert float(row['lowest']) == min(values)
        assert float(row['highest']) == max(values)
    error = table['ours']['L1', 'dsc']['values']
    cell = f'{mean(error):.4f} ({min(error):.4f}–{max(error):.4f})'
    for name in ('table.txt', 'table.md'):
        text = (out / name).read_text()
        assert cell in text and '4 of 4 trainings are finished' in text
        assert f'{BUDGET} steps' in text
    assert text.endswith('](figure.jpg)\n')


def test_the_figure_shows_the_same_pair_by_all(folder):
    figure = read_image(folder / 'out' / 'figure.jpg')
    height, width = (192 + 4) + (24 + 4), 5 * (192 + 4)
    assert figure.shape == (height, width, 3)
    for column, name in enumerate(('ours', 'pg2'), start=2):
        place = folder / 'out' / 'methods' / name / 'seed_0' / 'results'
        small = read_image(place / '000000.png')
        large = cv2.resize(small, (192, 192), interpolation=cv2.INTER_CUBIC)
        left = column * 196
        shown = figure[28 : 28 + 192, left : left + 192].astype(float)
        assert np.abs(shown - large).mean() < 12  # JPEG


def test_what_is_finished_is_not_done_again(folder, capsys):
    paths = sorted((folder / 'out').rglob('numbers.json'))
    assert len(paths) == len(FREE) + 4
    before = [path.stat().st_mtime_ns for path in paths]
    main(argv_of(folder))
    assert [path.stat().st_mtime_ns for path in paths] == before
    assert WARP in capsys.readouterr().out


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (['--budget', '5'], 'budget 4, now 5'),
        (
            ['--cfg-options', 'optim_wrapper.discriminator.optimizer.lr=1'],
            'optim_wrapper.discriminator.optimizer.lr .*, now 1',
        ),
        (
            ['--cfg-options', 'test_dataloader.dataset.seed=7'],
            'test_dataloader.dataset.seed nothing, now 7',
        ),
        (['--cfg-options', 'randomness.deterministic=True'], 'deterministic'),
    ],
)
def test_other_settings_are_refused_by_name(folder, options, message):
    argv = argv_of(folder, seeds=('0', '1', '2'))
    with pytest.raises(SystemExit, match=message):
        main([*argv, *options])
