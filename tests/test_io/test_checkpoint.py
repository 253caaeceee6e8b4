"""Checkpoints are read, never run."""

import hashlib
import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import torch

from mmposetransfer.io.checkpoint import read_checkpoint, read_state_dict


class Hostile:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ('hacked',)


def test_state_dicts_bare_and_wrapped(tmp_path):
    weights = dict(w=torch.ones(2))
    for content in (weights, dict(state_dict=weights, meta=dict(epoch=1))):
        torch.save(content, tmp_path / 'x.pth')
        assert read_state_dict(tmp_path / 'x.pth')['w'].sum() == 2


def test_hostile_and_damaged_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(dict(state_dict=Hostile()), 'hostile.pth')
    with pytest.raises(ValueError, match='hostile.pth'):
        read_checkpoint('hostile.pth')
    assert not os.path.exists('hacked')
    torch.save(dict(w=torch.ones(1000)), 'cut.pth')
    data = (tmp_path / 'cut.pth').read_bytes()
    for length in (0, 10, len(data) // 2):
        (tmp_path / 'cut.pth').write_bytes(data[:length])
        with pytest.raises(ValueError, match='cut.pth'):
            read_checkpoint('cut.pth')


def test_files_that_are_no_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.pth'):
        read_checkpoint(tmp_path / 'none.pth')
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(ValueError, match='no state dict'):
        read_state_dict(tmp_path / 'list.pth')


def test_a_file_is_held_to_its_digest(tmp_path):
    torch.save(dict(w=torch.ones(2)), tmp_path / 'x.pth')
    digest = hashlib.sha256((tmp_path / 'x.pth').read_bytes()).hexdigest()
    for sha256 in (digest, digest[:8].upper(), None):
        assert read_state_dict(tmp_path / 'x.pth', sha256)['w'].sum() == 2
    other = 'f' * 8 if digest[0] != 'f' else '0' * 8
    with pytest.raises(ValueError, match=f'x.pth.*{digest}, not {other}'):
        read_state_dict(tmp_path / 'x.pth', other)
    with pytest.raises(ValueError, match="hexadecimal.*'vgg19'"):
        read_checkpoint(tmp_path / 'x.pth', 'vgg19')


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A web server on this machine: its folder, address and requests."""
    folder = tmp_path / 'served'
    folder.mkdir()
    requests = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            requests.append(self.path)

    server = ThreadingHTTPServer(
        ('127.0.0.1', 0), partial(Handler, directory=str(folder))
    )
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    # The directory that torch keeps its downloads in.
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    # Its `weights_only` is newer than the oldest torch that we support.
    monkeypatch.delattr(torch.hub, 'load_state_dict_from_url')
    yield folder, f'http://127.0.0.1:{server.server_port}', requests
    server.shutdown()
    server.server_close()


def test_urls_are_downloaded_once(served, tmp_path):
    folder, address, requests = served
    for i, name in enumerate(('a/epoch_9.pth', 'b/epoch_9.pth')):
        (folder / name).parent.mkdir()
        torch.save(dict(w=torch.full((2,), float(i))), folder / name)
    for _ in range(2):
        for i, name in enumerate(('a', 'b')):
            weights = read_state_dict(f'{address}/{name}/epoch_9.pth')
            assert weights['w'].tolist() == [i, i]
    assert len(requests) == 2
    cached = list((tmp_path / 'hub' / 'checkpoints').iterdir())
    assert len(cached) == 2  # and no leftovers


def test_files_that_torch_has_downloaded_are_used(served, tmp_path):
    _, address, requests = served
    cache = tmp_path / 'hub' / 'checkpoints'
    cache.mkdir(parents=True)
    torch.save(dict(w=torch.ones(1)), cache / 'vgg19-dcbb9e9d.pth')
    assert read_state_dict(f'{address}/vgg19-dcbb9e9d.pth')['w'] == 1
    assert not requests


def test_urls_with_nothing_or_something_else_behind_them(
    served, tmp_path, monkeypatch
):
    folder, address, _ = served
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match='none.pth.*404.*name the'):
        read_checkpoint(f'{address}/none.pth')
    assert not list((tmp_path / 'hub' / 'checkpoints').iterdir())
    (folder / 'page.pth').write_text('<html>not found</html>')
    with pytest.raises(ValueError, match='page.*downloaded from.*delete it'):
        read_checkpoint(f'{address}/page.pth')
    torch.save(dict(state_dict=Hostile()), folder / 'hostile.pth')
    with pytest.raises(ValueError, match='hostile'):
        read_checkpoint(f'{address}/hostile.pth')
    assert not (tmp_path / 'hacked').exists()
