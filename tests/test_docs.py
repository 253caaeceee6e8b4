"""The documentation: links, lists that have to be complete, versions."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from mmengine.config import Config

import mmposetransfer
from mmposetransfer.apis import find_config, init_model, list_models
from mmposetransfer.cli import main
from mmposetransfer.datasets import load_keypoints

ROOT = Path(__file__).parents[1]
DOCS = ROOT / 'docs'
if not DOCS.is_dir():
    pytest.skip('needs a checkout of the repository', allow_module_level=True)


CODE = re.compile(r'^(```|~~~).*?^\1|`[^`\n]+`', re.M | re.S)
FOLDERS = (
    'configs',
    'demo',
    'docs',
    'mmposetransfer',
    'projects',
    'tests',
    'tools',
)
PAGES = sorted(
    {
        *ROOT.glob('*.md'),
        *(
            path
            for folder in FOLDERS
            for path in (ROOT / folder).rglob('*.md')
            if '.mim' not in path.parts
        ),
    }
)


def anchors(page):
    """The anchors that GitHub gives to a page's headings."""
    text = re.sub(r'^```.*?^```', '', page.read_text(), flags=re.M | re.S)
    headings = re.findall(r'^#+ (.+)$', text, re.M)
    return {
        re.sub(r'[^\w -]', '', heading.lower()).replace(' ', '-')
        for heading in headings
    }


def links_outside_code(text):
    """Targets of the links and images of a page that are paths."""
    targets = re.findall(r'(?<=\]\()[^)\s]+(?=\))', CODE.sub('', text))
    return [link for link in targets if not re.match(r'[a-z]+:|#', link)]


def broken_links(page):
    text = page.read_text()
    # Those within the page are no paths.
    links = [
        *links_outside_code(text),
        *re.findall(r'(?<=\]\()#[^)]+', text),
    ]
    for link in links:
        path, _, anchor = link.partition('#')
        target = page.parent / path if path else page
        if not target.exists():
            yield link
        elif anchor and anchor not in anchors(target):
            yield f'{link} (no such heading)'


@pytest.mark.parametrize(
    'page', PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_links_of_a_page_lead_somewhere(page):
    assert list(broken_links(page)) == []


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text(
        '# A b\n[1](page.md#a-b) [2](gone.md) [3](#c) '
        '`[4](code.md)`\n```\n[5](code.md)\n```\n'
        '![6](gone.png) [7](https://example.org) [8](#a-b)\n'
    )
    assert list(broken_links(page)) == [
        'gone.md',
        'gone.png',
        '#c (no such heading)',
    ]


def test_every_page_is_in_the_table_of_contents():
    for index in (DOCS / 'index.md', DOCS / 'api' / 'index.md'):
        linked = {
            (index.parent / link).resolve()
            for link in links_outside_code(index.read_text())
        }
        pages = set(index.parent.glob('*.md')) - {index}
        assert pages <= linked
        trees = re.findall(
            r'^```\{toctree\}\n(.*?)^```', index.read_text(), re.M | re.S
        )
        names = re.findall(r'^[\w/]+$', '\n'.join(trees), re.M)
        assert pages <= {index.parent / f'{name}.md' for name in names}


def test_every_key_of_the_configs_is_described():
    described = set(re.findall(r'`(\w+)`', (DOCS / 'config.md').read_text()))
    keys, stage_keys = set(), set()
    for name in list_models('*'):
        cfg = Config.fromfile(find_config(name))
        keys |= {key for key, value in cfg.items() if not callable(value)}
        for hook in cfg.get('custom_hooks', ()):
            stages = hook.get('stages', ())
            stage_keys |= {key for stage in stages for key in stage}
    assert keys <= described
    assert stage_keys <= described


@pytest.fixture
def like_a_checkout(tmp_path, monkeypatch):
    """A folder with the demo, random weights and the files of a user."""
    (tmp_path / 'demo').symlink_to(ROOT / 'demo')
    inputs = ROOT / 'demo' / 'inputs'
    weights = tmp_path / 'work_dirs' / 'quickstart' / 'epoch_1.pth'
    weights.parent.mkdir(parents=True)
    torch.save(init_model('dipt/full_synthfashion_64').state_dict(), weights)
    (weights.parent / 'last_checkpoint').write_text(str(weights))
    (tmp_path / 'photos').mkdir()
    for picture in inputs.glob('*.png'):
        (tmp_path / 'photos' / picture.name).symlink_to(picture)
    (tmp_path / 'photos.csv').symlink_to(inputs / 'poses.csv')
    pose = load_keypoints(inputs / 'poses.csv', 'dress.png')
    (tmp_path / 'pose.json').write_text(
        json.dumps(
            dict(people=[dict(pose_keypoints_2d=pose.ravel().tolist())])
        )
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.full_stack('mediapipe')
def test_examples_of_the_page_on_inference_run(like_a_checkout):
    text = (DOCS / 'inference.md').read_text()
    scope = {}
    for code in re.findall(r'^```python\n(.*?)^```', text, re.M | re.S):
        exec(code, scope)
    assert scope['prediction']['image'].dtype == np.uint8
    assert scope['warped'].shape == (1, 3, 256, 256)
    results = list((like_a_checkout / 'out').glob('*_strip.png'))
    assert len(results) == 2 + len(list(Path('photos').iterdir()))


def test_example_of_the_page_on_keypoints_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {}
    text = (DOCS / 'keypoints.md').read_text()
    for code in re.findall(r'^```python\n(.*?)^```', text, re.M | re.S):
        exec(code, scope)
    assert scope['persons'].shape == scope['found'].poses.shape == (1, 18, 3)


def test_example_of_the_page_on_user_studies_runs(capsys):
    text = (DOCS / 'user_study.md').read_text()
    (code,) = re.findall(r'^```python\n(.*?)^```', text, re.M | re.S)
    exec(code, {})
    told = re.findall(r'print\(.*\)  # (.*)$', code, re.M)
    assert capsys.readouterr().out.splitlines() == told


def test_options_of_the_page_on_user_studies_are_there(capsys):
    text = (DOCS / 'user_study.md').read_text()
    for action in ('serve', 'results'):
        with pytest.raises(SystemExit):
            main(['user-study', action, '--help'])
    there = set(re.findall(r'--[a-z-]+', capsys.readouterr().out))
    named = set(re.findall(r'(?<=[` ])--[a-z-]+', text))
    assert named <= there


def test_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / 'CITATION.cff').read_text())
    assert citation['cff-version'] == '1.2.0'
    assert citation['version'] == mmposetransfer.__version__
    assert citation['title'] and citation['authors'] and citation['message']
    (paper,) = citation['references']
    assert 'Appearance Flow' in paper['title'] and paper['year'] == 2019
    assert [author['family-names'] for author in paper['authors']] == [
        'Li',
        'Huang',
        'Loy',
    ]


def test_changelog_begins_with_this_version():
    versions = re.findall(
        r'^## \[?([\w.]+)', (DOCS / 'changelog.md').read_text(), re.M
    )
    assert versions[0] in (mmposetransfer.__version__, 'Unreleased')
    assert mmposetransfer.__version__ in versions


def test_hooks_and_tests_use_one_linter():
    hooks = (ROOT / '.pre-commit-config.yaml').read_text()
    lock = (ROOT / 'requirements' / 'lock.txt').read_text()
    (pin,) = re.findall(r'^ruff==.*$', lock, re.M)
    assert set(re.findall(r'ruff==[\d.]+', hooks)) == {pin}
    assert all(
        '==' in dependency
        for hook in yaml.safe_load(hooks)['repos'][0]['hooks']
        for dependency in hook['additional_dependencies']
    )


def test_lists_of_packages_agree():
    """The documentation's packages go beside those of the lock file."""
    pins = {}
    for name in ('lock.txt', 'docs.txt'):
        for line in (ROOT / 'requirements' / name).read_text().splitlines():
            if line and not line.startswith('#'):
                package, version = line.split(';')[0].strip().split('==')
                pins.setdefault(package.lower(), {})[name] = version
    assert not [package for package, found in pins.items() if len(found) == 2]


def test_packages_of_tests_in_a_browser_are_of_one_version():
    """They go into the environment that the other lists make."""
    pins = {}
    for name in ('lock.txt', 'docs.txt', 'browser.txt'):
        for line in (ROOT / 'requirements' / name).read_text().splitlines():
            if line and not line.startswith('#') and ';' not in line:
                package, version = line.split('==')
                pins.setdefault(package.lower(), set()).add(version)
    assert not [package for package, found in pins.items() if len(found) > 1]
