"""The page's files: languages that say the same, jsPsych as it was made."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from mmposetransfer import study
from mmposetransfer.study.app import LANGUAGES

WEB = Path(study.__file__).parent / 'web'
TEXTS = {
    path.stem: json.loads(path.read_text('utf-8'))
    for path in (WEB / 'texts').glob('*.json')
}


def test_languages_are_those_with_texts():
    assert set(LANGUAGES) == set(TEXTS)


@pytest.mark.parametrize('language', LANGUAGES)
def test_texts_have_the_same_places_for_numbers(language):
    def places(texts):
        return {
            key: set(re.findall(r'\{\w+\}|<\w+>', text))
            for key, text in texts.items()
        }

    assert places(TEXTS[language]) == places(TEXTS['en'])
    assert all(text.strip() for text in TEXTS[language].values())


def test_every_text_is_used_and_every_used_one_is_there():
    scripts = ''.join(path.read_text() for path in WEB.glob('*.js'))
    used = set(re.findall(r'texts\.([a-z_]+)', scripts))
    captions = {'reference', 'pose', 'truth'}  # by the place of a picture
    assert used | captions == set(TEXTS['en'])


def test_chinese_is_chinese():
    for key, text in TEXTS['zh'].items():
        if key not in ('html_language', 'count'):
            assert re.search('[\u4e00-\u9fff]', text), key


def test_jspsych_is_as_its_makers_made_it():
    """Each file is the one that the list of licences names."""
    listed = dict(
        re.findall(
            r'^(\S+\.js): .*\n  sha256 (\w+)$',
            (WEB / 'vendor' / 'LICENSES.txt').read_text(),
            re.M,
        )
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (WEB / 'vendor').glob('*.js')
    }
    assert listed == found


def test_page_names_no_other_address():
    for path in WEB.glob('*.*'):
        text = path.read_text('utf-8').replace('http://www.w3.org/', '')
        assert 'http' not in re.sub(r'//.*?@|HTTP', '', text), path.name
