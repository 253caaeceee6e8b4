"""The private state of MMEngine that is relied on, in the one installed.

`make test-mmengines` runs this file with each supported MMEngine.
"""

import ast
import inspect
import warnings
from pathlib import Path

import pytest
import torch
from mmengine.hooks import CheckpointHook
from mmengine.logging import MessageHub
from mmengine.optim import LinearLR, OptimWrapper
from mmengine.visualization import LocalVisBackend
from torch import nn
from toy_training import Noise, toy_runner

import mmposetransfer
from mmposetransfer.engine import mmengine_private as private

PACKAGE = Path(mmposetransfer.__file__).parent
FILE = Path(private.__file__)


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch):
    """Nobody pulls the plug here."""
    monkeypatch.setattr('os.fsync', lambda descriptor: None)


def wrapper(counts=1):
    weight = nn.Parameter(torch.ones(1))
    return OptimWrapper(
        torch.optim.SGD([weight], lr=1.0), accumulative_counts=counts
    ), weight


def test_a_runner_trains_once_its_loop_is_built(tmp_path):
    runner = toy_runner(tmp_path)
    assert not private.is_training(runner)
    assert runner.train_loop is not None  # builds it
    assert private.is_training(runner)


@pytest.mark.parametrize('resume', [True, False])
def test_a_runner_loads_what_was_decided(tmp_path, resume):
    toy_runner(tmp_path, epochs=1).train()
    path = str(tmp_path / 'iter_3.pth')
    runner = toy_runner(tmp_path, resume='auto', load_from='nowhere.pth')
    assert private.resumes(runner) == 'auto'
    assert private.loads_from(runner) == 'nowhere.pth'
    private.set_checkpoint(runner, resume, path)
    assert private.resumes(runner) == resume
    assert private.loads_from(runner) == path
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    runner.load_or_resume()
    # The runner writes both numbers of the loop.
    assert runner.iter == (3 if resume else 0)
    weights = torch.load(path, weights_only=True)['state_dict']
    for key, value in runner.model.state_dict().items():
        assert torch.equal(value, weights[key])


def test_the_runner_writes_the_epoch_of_the_loop(tmp_path):
    toy_runner(tmp_path, epochs=2, checkpoint=dict(by_epoch=True)).train()
    runner = toy_runner(
        tmp_path, resume=True, load_from=str(tmp_path / 'epoch_2.pth')
    )
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    runner.load_or_resume()
    assert (runner.epoch, runner.iter) == (2, 10)


def test_learning_rates_are_scaled_to_the_loader_in_use(tmp_path):
    runner = toy_runner(tmp_path)
    private.set_train_dataloader(
        runner, torch.utils.data.DataLoader(Noise(), batch_size=5)
    )
    optimizer, _ = wrapper()
    runner.scale_lr(optimizer, dict(enable=True, base_batch_size=10))
    assert optimizer.get_lr() == {'lr': [0.5]}


@pytest.mark.parametrize('differs', [True, False])
def test_seeds_of_processes_are_the_runners(tmp_path, differs, monkeypatch):
    """MMEngine's own loop builds its loader by the same."""
    runner = toy_runner(
        tmp_path, randomness=dict(seed=3, diff_rank_seed=differs)
    )
    assert private.diff_rank_seed(runner) is differs
    seen, build = {}, runner.build_dataloader
    monkeypatch.setattr(
        runner,
        'build_dataloader',
        lambda *args, **kwargs: seen.update(kwargs) or build(*args, **kwargs),
    )
    assert runner.train_loop is not None
    assert seen['diff_rank_seed'] is differs


def test_an_accumulation_goes_on_where_it_was():
    """Three steps an update, of which two are done."""
    optimizer, weight = wrapper(counts=3)
    optimizer.initialize_count_status(nn.Identity(), 0, 9)
    private.set_inner_count(optimizer, 2)
    assert optimizer.inner_count == 2
    optimizer.update_params(6 * weight.sum())
    assert weight.item() == pytest.approx(1 - 6 / 3)
    optimizer.update_params(6 * weight.sum())
    assert weight.item() == pytest.approx(1 - 6 / 3)


@pytest.mark.parametrize('stepped', [True, False])
def test_schedules_that_run_ahead_warn_unless_told(stepped):
    optimizer, _ = wrapper()
    schedule = LinearLR(optimizer, start_factor=0.1)
    if stepped:
        private.count_as_stepped(optimizer)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        schedule.step()
    assert bool(caught) == (not stepped)


def test_a_scalar_is_forgotten_with_all_of_it():
    hub = MessageHub('test_of_private_state')
    hub.update_scalar('train/loss', 1.0)
    hub.update_scalar('train/time', 2.0)
    private.drop_scalar(hub, 'train/loss')
    private.drop_scalar(hub, 'never there')
    state = hub.state_dict()
    assert list(state['log_scalars']) == ['train/time']
    assert list(state['resumed_keys']) == ['train/time']
    MessageHub('another_test_of_private_state').load_state_dict(state)
    hub.update_scalar('train/loss', 1.0, resumed=False)


def test_all_backends_of_the_visualizer_are_found(tmp_path):
    runner = toy_runner(tmp_path)
    (backend,) = private.vis_backends(runner)
    assert backend is runner.visualizer.get_backend('LocalVisBackend')


@pytest.mark.parametrize(
    'owner, name, arguments',
    [
        (CheckpointHook, '_save_checkpoint_with_step', 'runner step meta'),
        (CheckpointHook, '_save_best_checkpoint', 'runner metrics'),
        (LocalVisBackend, '_dump', 'value_dict file_path file_format'),
    ],
)
def test_methods_that_are_overridden_are_there(owner, name, arguments):
    signature = inspect.signature(getattr(owner, name))
    assert list(signature.parameters) == ['self', *arguments.split()]
    text = inspect.getsource(owner)
    assert text.count(f'self.{name}(') >= 1  # and called


def private_names(path):
    """Private attributes, by line, of objects other than self."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Attribute):
            continue
        owner = node.value
        own = isinstance(owner, ast.Name) and owner.id in ('self', 'cls')
        parents = (
            isinstance(owner, ast.Call)
            and getattr(owner.func, 'id', None) == 'super'
        )
        if node.attr.startswith('_') and not (
            node.attr.startswith('__') or own or parents
        ):
            yield node.attr, node.lineno


def test_the_names_are_those_of_the_functions_above():
    """So that a new one gets a test."""
    assert {name for name, _ in private_names(FILE)} == {
        '_global_step',
        '_inner_count',
        '_load_from',
        '_randomness_cfg',
        '_resume',
        '_resumed_keys',
        '_train_dataloader',
        '_train_loop',
        '_vis_backends',
    }
    assert set(private.__all__) == {
        name
        for name, value in vars(private).items()
        if inspect.isfunction(value) and value.__module__ == private.__name__
    }


def test_no_other_file_touches_private_state_of_training():
    names = {name for name, _ in private_names(FILE)}
    found = [
        f'{path.relative_to(PACKAGE)}:{line} {name}'
        for path in sorted(PACKAGE.rglob('*.py'))
        if path != FILE
        for name, line in private_names(path)
        if name in names
        or {'engine', 'visualization'} & set(path.relative_to(PACKAGE).parts)
    ]
    assert found == []


def test_the_search_finds_what_it_looks_for(tmp_path):
    file = tmp_path / 'a.py'
    file.write_text(
        'self._own = 1\nsuper()._run()\nx.__len__()\nrunner._resume = 2\n'
        'self.loop._iter\n'
    )
    assert sorted(private_names(file)) == [('_iter', 5), ('_resume', 4)]
