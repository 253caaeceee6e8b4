"""The converter of official checkpoints as a person calls it."""

import hashlib
import pickle

import pytest
import python2_checkpoint
import torch
from mmengine.config import Config
from mmengine.runner import load_checkpoint
from official_files import TOOL, convert, load, run_tool, save_old
from official_layout import SMALL, net_g, random_weights, small_networks
from tiny_training import tiny_config

from mmposetransfer.io.checkpoint import read_checkpoint
from mmposetransfer.models import convert_official_state_dict
from mmposetransfer.registry import MODELS


@pytest.fixture(scope='module')
def small(tmp_path_factory):
    """Files of small official networks, and what is in them."""
    folder = tmp_path_factory.mktemp('official')
    weights = {
        name: random_weights(shapes)
        for name, shapes in small_networks().items()
    }
    save_old(weights, folder)
    return folder, weights


def test_from_the_command_line(small, tmp_path):
    folder, _ = small
    done = run_tool(TOOL, folder / 'netD.pth', tmp_path / 'ours.pth')
    assert done.returncode == 0, done.stderr
    assert 'netD.pth: netD -> discriminator' in done.stdout
    assert load(tmp_path / 'ours.pth')['state_dict']


# ------------------------------------------------------------- what it writes


def test_one_network(small, tmp_path):
    folder, weights = small
    for name in weights:
        out = tmp_path / f'{name}_ours.pth'
        code, said = convert(folder / f'{name}.pth', out)
        assert code is None and f'{name}.pth: net' in said
        checkpoint = load(out)
        module = MODELS.build(checkpoint['meta']['model'])
        module.load_state_dict(checkpoint['state_dict'], strict=True)
        expected, config = convert_official_state_dict(weights[name])
        assert checkpoint['meta']['model'] == config
        assert all(
            torch.equal(value, checkpoint['state_dict'][key])
            for key, value in expected.items()
        )
        (source,) = checkpoint['meta']['sources']
        data = (folder / f'{name}.pth').read_bytes()
        assert source['sha256'] == hashlib.sha256(data).hexdigest()
        assert source['file'] == f'{name}.pth'


def test_whole_method_and_its_config(small, tmp_path):
    """The config file is one for `_base_`; sizes are the weights' own."""
    folder, weights = small
    out, config = tmp_path / 'new' / 'dipt.pth', tmp_path / 'model.py'
    code, said = convert(
        *(folder / f'{name}.pth' for name in weights),
        out,
        '--config-out',
        config,
    )
    assert code is None and 'generator' in said and 'not there' not in said
    model = MODELS.build(Config.fromfile(config).model)
    model.load_state_dict(load(out)['state_dict'], strict=True)
    assert model.discriminator.activation is None
    assert load(out)['meta']['model'] == Config.fromfile(config).model
    # Nothing but what was asked for is left.
    assert sorted(path.name for path in tmp_path.rglob('*')) == [
        'dipt.pth',
        'model.py',
        'new',
    ]


def test_a_single_network_as_component_of_a_config(small, tmp_path):
    """`--as-component` names it as `load_from` wants it."""
    folder, weights = small
    for name, component in (('netF', 'flow_regressor'), ('netG', 'generator')):
        code, _ = convert(
            folder / f'{name}.pth', tmp_path / f'{name}.pth', '--as-component'
        )
        assert code is None
        checkpoint = load(tmp_path / f'{name}.pth')
        alone, config = convert_official_state_dict(weights[name])
        assert checkpoint['meta']['model'] == {
            'type': 'DIPT',
            component: config,
        }
        assert checkpoint['state_dict'].keys() == {
            f'{component}.{key}' for key in alone
        }
    theirs, config = convert_official_state_dict(weights['netF'])
    model = MODELS.build(
        dict(tiny_config(tmp_path).model, flow_regressor=config)
    )
    load_checkpoint(model, str(tmp_path / 'netF.pth'))  # as load_from does
    for key, value in model.flow_regressor.state_dict().items():
        assert torch.equal(value, theirs[key]), key


def test_files_in_any_order(small, tmp_path):
    folder, weights = small
    args = [folder / f'{name}.pth' for name in weights]
    convert(*args, tmp_path / 'a.pth')
    convert(*args[::-1], tmp_path / 'b.pth')
    first, second = load(tmp_path / 'a.pth'), load(tmp_path / 'b.pth')
    assert first['state_dict'].keys() == second['state_dict'].keys()


def test_mode_that_the_weights_do_not_tell(tmp_path):
    torch.save(
        random_weights(net_g('none', warped=0, **SMALL)), tmp_path / 'netG.pth'
    )
    for mode, gate in (('none', 'PlainGate'), ('hard_gate', 'HardGate')):
        out = tmp_path / f'{mode}.pth'
        assert convert(tmp_path / 'netG.pth', out, '--mode', mode)[0] is None
        model = load(out)['meta']['model']
        assert model['warping']['gate']['type'] == gate


# --------------------------------------------------------------------- errors


def test_mistakes_are_told_and_write_nothing(small, tmp_path):
    folder, weights = small
    lacking = dict(weights['netPW'])
    del lacking['dec_output_0.3.weight']
    torch.save(lacking, tmp_path / 'partial.pth')
    torch.save(dict(weights['netD'], w=torch.ones(1)), tmp_path / 'more.pth')
    (tmp_path / 'text.pth').write_text('<html>moved</html>')
    good = (folder / 'netG.pth').read_bytes()
    (tmp_path / 'cut.pth').write_bytes(good[: len(good) // 2])
    netg = folder / 'netG.pth'
    for inputs, expected in {
        (tmp_path / 'partial.pth',): (
            'partial.pth',
            'netPW',
            '1 of',
            'dec_output_0.3.weight',
        ),
        (netg, tmp_path / 'more.pth'): ('more.pth', 'belong', ': w.'),
        (netg, netg): ('Two networks would be the generator',),
        (netg, tmp_path / 'none.pth'): ('none.pth',),
        (tmp_path / 'text.pth',): ('text.pth', 'cannot be read'),
        (tmp_path / 'cut.pth',): ('cut.pth', 'cannot be read'),
        (netg, tmp_path): (str(tmp_path),),
        ('--mode', 'none', folder / 'netPW.pth'): ("mode='none'",),
    }.items():
        code, _ = convert(*inputs, tmp_path / 'out.pth')
        assert isinstance(code, str) and code.startswith('error: ')
        for component in expected:
            assert component in code, (code, component)
        assert not (tmp_path / 'out.pth').exists()


def test_a_forgotten_output_harms_no_input(small, tmp_path):
    folder, _ = small
    before = (folder / 'netPW.pth').read_bytes()
    code, said = convert(folder / 'netG.pth', folder / 'netPW.pth')
    assert code == 2 and 'netPW.pth' in said and '--overwrite' in said
    code, said = convert(
        folder / 'netPW.pth', folder / 'netPW.pth', '--overwrite'
    )
    assert code == 2 and 'to be read and to be written' in said
    assert (folder / 'netPW.pth').read_bytes() == before
    (tmp_path / 'old.pth').write_text('old')
    assert (
        convert(folder / 'netG.pth', tmp_path / 'old.pth', '--overwrite')[0]
        is None
    )
    assert load(tmp_path / 'old.pth')['state_dict']


# ------------------------------------------------------- files of torch 0.4


def test_checkpoint_of_torch_0_4_on_python_2(small, tmp_path):
    """On a GPU, without counters of batches, which came with 0.4.1."""
    _, weights = small
    old = {
        key: value
        for key, value in weights['netG'].items()
        if not key.endswith('num_batches_tracked')
    }
    python2_checkpoint.write(tmp_path / 'old.pth', old)
    code, _ = convert(tmp_path / 'old.pth', tmp_path / 'new.pth')
    assert code is None
    converted = load(tmp_path / 'new.pth')['state_dict']
    expected, config = convert_official_state_dict(weights['netG'])
    assert converted.keys() == expected.keys()
    for key, value in expected.items():
        assert converted[key].device.type == 'cpu'
        if not key.endswith('num_batches_tracked'):
            assert torch.equal(converted[key], value), key
    MODELS.build(config).load_state_dict(converted, strict=True)


def test_a_file_of_torch_0_4_cut_anywhere(tmp_path):
    path = tmp_path / 'cut.pth'
    python2_checkpoint.write(path, {'a': torch.ones(2, 2)})
    data = path.read_bytes()
    assert read_checkpoint(path)['a'].sum() == 4
    for length in range(0, len(data), 3):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match=r'cut.pth.* cannot be read'):
            read_checkpoint(path)


def test_a_hostile_file_of_python_2_is_refused(tmp_path):
    mark = tmp_path / 'hacked'
    body = (
        python2_checkpoint.name('posix', 'mkdir')
        + python2_checkpoint.string(str(mark))
        + b'\x85R'
    )
    python2_checkpoint.write(tmp_path / 'bad.pth', {}, body=body)
    code, _ = convert(tmp_path / 'bad.pth', tmp_path / 'out.pth')
    assert 'would run code (it asks for posix.mkdir)' in code
    assert not mark.exists() and not (tmp_path / 'out.pth').exists()
    # It is hostile indeed.
    with open(tmp_path / 'bad.pth', 'rb') as file:
        for _ in range(4):
            pickle.load(file)
    assert mark.exists()
