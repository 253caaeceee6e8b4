"""Somebody else's package, used from outside of the repository."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from virtual_env import VirtualEnv

from mmposetransfer.cli import main
from mmposetransfer.evaluation import PoseTransferEvaluator
from mmposetransfer.models import flow_warp

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / 'projects' / 'example_project'
INPUTS = ROOT / 'demo' / 'inputs'

# Counts the calls of the project's parts, of each process.
SPY = """
import atexit, collections, json, os
import crisp_flow

calls = collections.Counter()

def count(cls, method):
    original = getattr(cls, method)
    def counted(*args, **kwargs):
        calls[cls.__name__] += 1
        return original(*args, **kwargs)
    setattr(cls, method, counted)

for name in crisp_flow.__all__:
    cls = getattr(crisp_flow, name)
    count(cls, 'score' if hasattr(cls, 'score') else 'forward')

@atexit.register
def write():
    with open(os.environ['SPY_FILE'], 'w') as file:
        json.dump(calls, file)
"""
SMALL = [
    'custom_imports.imports=[crisp_flow,spy]',
    'train_dataloader.num_workers=0',
    'train_dataloader.persistent_workers=False',
    'train_dataloader.batch_size=1',
    'train_dataloader.dataset.num_pairs=2',
    'test_dataloader.num_workers=0',
    'test_dataloader.persistent_workers=False',
    'test_dataloader.dataset.num_pairs=2',
    'model.loss_perceptual=None',
    'custom_hooks.0.stages.0.epochs=1',
    'custom_hooks.0.stages.1.epochs=2',
    'custom_hooks.0.stages.2.epochs=1',
    'custom_hooks.0.stages.1.components.discriminator=1',
]


class Outside:
    """A folder far from the repository, with the project installed."""

    def __init__(self, folder):
        self.project = shutil.copytree(
            PROJECT,
            folder / 'example_project',
            ignore=shutil.ignore_patterns('__pycache__', '*.egg-info'),
        )
        self.folder = folder
        self.config = self.project / 'configs/crisp_flow_synthfashion_64.py'
        self.env = VirtualEnv(folder / 'env')
        self.env.pip_install('-e', self.project)
        (folder / 'spy').mkdir()
        (folder / 'spy' / 'spy.py').write_text(SPY)

    def run(self, *args):
        """Run our command; returns its result and the calls of the parts."""
        spy_file = self.folder / 'calls.json'
        done = self.env.run(
            'python',
            '-m',
            'mmposetransfer',
            *args,
            cwd=self.folder,
            SPY_FILE=str(spy_file),
            PYTHONPATH=f'{ROOT}:{self.folder / "spy"}',
        )
        calls = json.loads(spy_file.read_text()) if spy_file.exists() else {}
        spy_file.unlink(missing_ok=True)
        return done, calls


@pytest.fixture(scope='module')
def outside(tmp_path_factory):
    return Outside(tmp_path_factory.mktemp('somewhere'))


@pytest.fixture(scope='module')
def trained(outside):
    """The calls of the parts in a training of all stages."""
    _, calls = outside.run(
        'train', outside.config, '--work-dir', 'run', '--cfg-options', *SMALL
    )
    return calls


@pytest.fixture
def parts(monkeypatch):
    """The project's package, imported here; its types are forgotten again."""
    from mmposetransfer.registry import METRICS, MODELS

    before = dict(MODELS.module_dict), dict(METRICS.module_dict)
    monkeypatch.syspath_prepend(PROJECT)
    import crisp_flow

    yield crisp_flow
    for registry, types in zip((MODELS, METRICS), before, strict=True):
        registry.module_dict.clear()
        registry.module_dict.update(types)
    for name in [m for m in sys.modules if m.startswith('crisp_flow')]:
        del sys.modules[name]


def test_every_stage_trains_with_its_own_parts(outside, trained):
    assert trained['ConvexUpsamplingFlowHead'] == 2 * 4  # every step
    assert trained['CharbonnierFlowLoss'] == 2  # of the flow stage
    assert trained['TearAwareWarp'] > 0
    then, last = (
        torch.load(
            outside.folder / 'run' / f'epoch_{epoch}.pth', weights_only=True
        )['state_dict']
        for epoch in (2, 4)
    )
    strengths = [last[key] for key in last if key.endswith('warp.strength')]
    assert strengths and torch.tensor(0.1) not in strengths  # they learnt
    head = 'flow_regressor.head.weights.0.1.weight'
    assert torch.equal(then[head], last[head])  # frozen after its stage


def test_testing_shows_its_metric_in_the_table(outside, trained):
    done, calls = outside.run(
        'test',
        outside.config,
        'run',
        '--work-dir',
        'run',
        '--out',
        'metrics.json',
        '--cfg-options',
        *SMALL,
    )
    assert calls['FlowWithin'] and calls['TearAwareWarp']
    assert calls['ConvexUpsamplingFlowHead']
    metrics = json.loads((outside.folder / 'metrics.json').read_text())
    assert 0 <= metrics['within_1px'] <= 100
    flow_table = re.search(r'^flow +\|(.|\n)*', done.stdout, re.M)[0]
    heading, _, model, still = (
        [cell.strip() for cell in re.split(r'\||\+', line)]
        for line in flow_table.splitlines()[:4]
    )
    column = heading.index('within 1 px (%) ↑')
    assert model[column] == f'{metrics["within_1px"]:.1f}'
    assert still[column] == f'{metrics["zero_flow/within_1px"]:.1f}'


def test_inference_runs_its_parts(outside, trained):
    _, calls = outside.run(
        'infer',
        INPUTS / 'cardigan.png',
        outside.config,
        'run',
        '--keypoints',
        INPUTS / 'poses.csv',
        '--target',
        INPUTS / 'dress.png',
        '--device',
        'cpu',
        '--cfg-options',
        SMALL[0],
    )
    assert calls['ConvexUpsamplingFlowHead'] == 1
    assert calls['TearAwareWarp'] and 'CharbonnierFlowLoss' not in calls
    assert (outside.folder / 'demo_out' / 'cardigan_dress.png').is_file()


def test_misspelt_type_of_its_own_is_answered(parts):
    config = PROJECT / 'configs' / 'crisp_flow_synthfashion_64.py'
    with pytest.raises(
        SystemExit, match="Did you mean 'ConvexUpsamplingFlowHead'"
    ):
        main(
            [
                'train',
                str(config),
                '--cfg-options',
                'model.flow_regressor.head.type=ConvexUpsampleFlowHead',
            ]
        )


def test_its_types_are_listed(parts, capsys):
    main(['list-modules', '--import', 'crisp_flow', '--pattern', 'tear*'])
    printed = capsys.readouterr().out
    assert '  crisp_flow\n    TearAwareWarp  Warp, and fade' in printed


def test_convex_upsampling_keeps_to_one_side_of_a_border(parts):
    flow = torch.zeros(1, 2, 4, 4)
    flow[..., 2:] = 5
    upsample = parts.flow_head.convex_upsample
    centre = torch.zeros(1, 9, 8, 8)
    centre[:, 4] = 100
    torch.testing.assert_close(
        upsample(flow, centre), F.interpolate(flow, scale_factor=2)
    )
    mean = upsample(flow, torch.zeros(1, 9, 8, 8))
    expected = F.avg_pool2d(F.pad(flow, (1, 1, 1, 1), mode='replicate'), 3, 1)
    torch.testing.assert_close(mean, F.interpolate(expected, scale_factor=2))


def test_tear_aware_warp_fades_only_where_the_flow_tears(parts):
    torch.manual_seed(0)
    x = torch.randn(1, 3, 8, 8)
    warp = parts.TearAwareWarp(strength=0.5)
    smooth = torch.full((1, 2, 8, 8), 0.5)
    smooth_warped = warp(x, smooth)
    torch.testing.assert_close(smooth_warped, flow_warp(x, smooth))
    torn = torch.zeros(1, 2, 8, 8)
    torn[:, 0, :, 4:] = -2
    ratio = warp(x, torn) / flow_warp(x, torn)
    expected = torch.ones(8)
    expected[3] = torch.exp(torch.tensor(-0.5 * 2))
    torch.testing.assert_close(ratio, expected.expand_as(ratio))


def test_charbonnier_loss_is_the_end_point_error_at_one_half(parts):
    from mmposetransfer.models.losses import multi_scale_epe

    torch.manual_seed(0)
    flow = torch.randn(2, 2, 16, 16)
    # Of one body: ours is a mean over samples, that one over pixels.
    visibility = torch.randint(0, 3, (1, 1, 16, 16)).expand(2, 1, 16, 16)
    pyramid = [torch.randn(2, 2, 8, 8), torch.randn(2, 2, 4, 4)]
    loss = parts.CharbonnierFlowLoss(alpha=0.5, eps=0, loss_weight=0.32)
    torch.testing.assert_close(
        loss(pyramid, flow, visibility),
        multi_scale_epe(pyramid, flow, visibility, finest_weight=0.32),
    )


def test_metric_counts_visible_pixels(parts):
    truth = torch.zeros(2, 2, 4)
    truth[0, 0] = torch.tensor([0.0, 2.0, 4.0, 9.0])
    visibility = torch.zeros(1, 2, 4, dtype=torch.uint8)
    visibility[0, 0, 3] = 1  # the outlier cannot be seen
    evaluator = PoseTransferEvaluator(parts.FlowWithin(threshold=3))
    evaluator.process(
        [dict(pred_flow=truth + 1, gt_flow=truth, gt_visibility=visibility)]
    )
    scores = evaluator.evaluate(1)
    assert scores['within_3px'] == 100
    assert scores['zero_flow/within_3px'] == pytest.approx(100 * 6 / 7)
