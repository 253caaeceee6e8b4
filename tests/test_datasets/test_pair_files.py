"""Lists of pairs and of who is in pictures, as many projects write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmposetransfer.datasets import (
    read_identities,
    read_image_list,
    read_pairs,
)
from mmposetransfer.datasets.preparing.label_files import (
    write_identities,
    write_pairs_csv,
)

DF = [f'fashionMENDenimid0000008001_{k}' for k in ('1front', '2side')]
ARCHIVE = [
    f'img/MEN/Denim/id_00000080/01_{k}.jpg' for k in ('1_front', '2_side')
]
PAIRS = [('a.jpg', 'b.jpg'), ('x/c.jpg', 'y/d.jpg')]

# The same two pairs in every form that is read.
FORMS = {
    'PATN': 'from,to\na.jpg,b.jpg\nx/c.jpg,y/d.jpg\n',
    'no header': 'a.jpg,b.jpg\nx/c.jpg,y/d.jpg\n',
    'Windows': 'a.jpg,b.jpg\r\nx/c.jpg,y/d.jpg\r\n',
    'old Mac': 'a.jpg,b.jpg\rx/c.jpg,y/d.jpg',
    'blanks': '\n a.jpg , b.jpg \n\nx/c.jpg,  y/d.jpg\n\n',
    'byte order mark': '\ufefffrom,to\na.jpg,b.jpg\nx/c.jpg,y/d.jpg\n',
    'byte order mark, no header': '\ufeffa.jpg,b.jpg\nx/c.jpg,y/d.jpg\n',
    'quoted': '"from","to"\n"a.jpg","b.jpg"\n"x/c.jpg","y/d.jpg"\n',
    'quoted, no header': '"a.jpg","b.jpg"\n"x/c.jpg","y/d.jpg"\n',
    'pandas with its index': ',from,to\n0,a.jpg,b.jpg\n1,x/c.jpg,y/d.jpg\n',
    'pandas, no header': '0,a.jpg,b.jpg\n1,x/c.jpg,y/d.jpg\n',
    'numbered from 1': '1\ta.jpg\tb.jpg\n2\tx/c.jpg\ty/d.jpg\n',
    'source and target': 'source,target\na.jpg,b.jpg\nx/c.jpg,y/d.jpg\n',
    'reference': 'reference;target\na.jpg;b.jpg\nx/c.jpg;y/d.jpg\n',
    'capitals': 'From,To\na.jpg,b.jpg\nx/c.jpg,y/d.jpg\n',
    'longer names': 'source_image\ttarget_image\na.jpg\tb.jpg\n'
    'x/c.jpg\ty/d.jpg\n',
    'other order': 'to,from\nb.jpg,a.jpg\ny/d.jpg,x/c.jpg\n',
    'more columns': 'id,from,score,to\n7,a.jpg,.5,b.jpg\n'
    '8,x/c.jpg,.1,y/d.jpg\n',
    'tabs': 'a.jpg\tb.jpg\nx/c.jpg\ty/d.jpg\n',
    'semicolons': 'a.jpg;b.jpg\nx/c.jpg;y/d.jpg\n',
    'a blank': 'a.jpg b.jpg\nx/c.jpg y/d.jpg\n',
    'several blanks': 'a.jpg   b.jpg\nx/c.jpg  y/d.jpg\n',
    'slashes': 'a.jpg/b.jpg\nx/c.jpg/y/d.jpg\n',
    'JSON, a list': json.dumps(PAIRS),
    'JSON, splits': json.dumps(dict(train=PAIRS, test=[])),
    'JSON, objects': json.dumps([{'from': a, 'to': b} for a, b in PAIRS]),
    'JSON, source': json.dumps(
        [dict(source=a, target=b, k=1) for a, b in PAIRS]
    ),
    'JSON, source_image': json.dumps(
        [dict(source_image=a, target_image=b) for a, b in PAIRS]
    ),
    'JSON, texts': json.dumps([','.join(pair) for pair in PAIRS]),
    'JSON, texts with slashes': json.dumps(['/'.join(p) for p in PAIRS]),
    'JSON lines': '\n'.join(map(json.dumps, PAIRS)) + '\n',
    'JSON lines of objects': '\n'.join(
        json.dumps(dict(ref=a, tgt=b)) for a, b in PAIRS
    ),
}


@pytest.mark.parametrize('form', FORMS)
@pytest.mark.parametrize(
    'name', ['pairs.csv', 'pairs.txt', 'pairs.lst', 'pairs']
)
def test_every_form(tmp_path, form, name):
    """The content tells, not what the file is called."""
    (tmp_path / name).write_bytes(FORMS[form].encode())
    assert read_pairs(tmp_path / name) == PAIRS


@pytest.mark.parametrize('form', [f for f in FORMS if f.startswith('JSON,')])
def test_json(tmp_path, form):
    (tmp_path / 'pairs.json').write_text('\ufeff' + FORMS[form])
    assert read_pairs(tmp_path / 'pairs.json') == PAIRS


@pytest.mark.parametrize(
    'text, pair',
    [
        ('a,b', ('a', 'b')),
        ('a/b', ('a', 'b')),
        ('a b', ('a', 'b')),
        ('a\tb', ('a', 'b')),
        ('1,2', ('1', '2')),
        ('1 2', ('1', '2')),
        (f'{DF[0]},{DF[1]}', tuple(DF)),
        (f'{DF[0]}/{DF[1]}', tuple(DF)),
        (f'{DF[0]}.jpg/{DF[1]}.jpg', (f'{DF[0]}.jpg', f'{DF[1]}.jpg')),
        (','.join(ARCHIVE), tuple(ARCHIVE)),
        (' '.join(ARCHIVE), tuple(ARCHIVE)),
        ('/'.join(ARCHIVE), tuple(ARCHIVE)),
        ('my 1.jpg -> your 2.jpg', ('my 1.jpg', 'your 2.jpg')),
        ('a/1.jpg => b/2.jpg', ('a/1.jpg', 'b/2.jpg')),
        ('my photo.jpg your photo.jpg', ('my photo.jpg', 'your photo.jpg')),
        ('"a,b.jpg","c ""d"".jpg"', ('a,b.jpg', 'c "d".jpg')),
        ('#1.jpg,[2] {x}.png', ('#1.jpg', '[2] {x}.png')),
        ('[a].jpg,{b}.jpg', ('[a].jpg', '{b}.jpg')),
        ("-a.jpg,it's.jpg", ('-a.jpg', "it's.jpg")),
        ('a"b.jpg,c.jpg', ('a"b.jpg', 'c.jpg')),
        ('"a.jpg,b.jpg', ('"a.jpg', 'b.jpg')),
        ('é.jpg,\U0001f600.jpg', ('é.jpg', '\U0001f600.jpg')),
        ('a\x0bb.jpg,c\u2028d.jpg', ('a\x0bb.jpg', 'c\u2028d.jpg')),
        ('anna.2,ben.3', ('anna.2', 'ben.3')),
    ],
)
def test_a_line_without_a_header(tmp_path, text, pair):
    for ending in ('', '\n', '\r\n'):
        (tmp_path / 'p.txt').write_bytes((text + ending).encode())
        assert read_pairs(tmp_path / 'p.txt') == [pair]


REFUSED = {
    'one has no ending': 'a.jpg,b\n',
    'a name and who it is': 'a.jpg,b.jpg\n0.jpg,anna\n',
    'a comma in a name': 'a,b.jpg\n',
    'a blank in a name': 'anna 1.jpg\n',
    'three columns': 'a.jpg,b.jpg,c.jpg\n',
    'labels': 'a.jpg b.jpg 1\n',
    'three names with blanks': 'a.jpg b.jpg c.jpg\n',
    'three names with slashes': 'a.jpg/b.jpg/c.jpg\n',
    'a folder that is called as a picture': 'a.jpg/b\n',
    'half a pair': 'a.jpg,\n',
    'the other half': ',b.jpg\n',
    'words': 'holiday in Rome\n',
    'not numbered through': '0,a.jpg,b.jpg\n5,c.jpg,d.jpg\n',
    'mixed': f'a.jpg,b.jpg\n{DF[0]}.jpg\n',
    'mixed, names first': f'{DF[0]}.jpg\na.jpg,b.jpg\n',
    'a comma in a table': 'from,to\na,b.jpg,c.jpg\n',
    'half a row': 'from,to\na.jpg,\n',
    'a short row': 'from,to\na.jpg\n',
}


@pytest.mark.parametrize('what', REFUSED)
def test_what_may_be_either_is_refused(tmp_path, what):
    """Never is a whole line taken for a name."""
    text = REFUSED[what]
    (tmp_path / 'p.csv').write_text(text)
    line = text.count('\n')
    with pytest.raises(ValueError, match=f"p.csv', line {line}: ") as info:
        read_pairs(tmp_path / 'p.csv')
    if not text.startswith('from'):
        assert 'a pair is a line `a.jpg,b.jpg`' in str(info.value)
        assert 'from,to' in str(info.value)


@pytest.mark.parametrize('header', ['query,gallery', 'img1,img2', 'A B'])
def test_a_header_that_is_not_known_is_no_pair(tmp_path, header):
    mark = ',' if ',' in header else ' '
    (tmp_path / 'p.csv').write_text(f'{header}\na.jpg{mark}b.jpg\n')
    with pytest.raises(ValueError, match="p.csv', line 1: .*no picture.*from"):
        read_pairs(tmp_path / 'p.csv')


@pytest.mark.parametrize(
    'content, message',
    [
        ('from,until\na,b\n', "'from' and 'to'"),
        ('source,ref,target\na,b,c\n', "'from' and 'to'.*once each"),
        ('[["a", "b"], ["c"]]', r'pair 1: expected .*"from".*\["c"\]'),
        ('[["a", "b"], 7]', 'pair 1: .*got 7'),
        ('[{"from": "a", "until": "b"}]', 'pair 0: .*until'),
        ('["a.jpg,b.jpg", "c.jpg"]', 'pair 1: .*c.jpg'),
        ('["a.jpg,b"]', 'pair 0: .*may be one name or two'),
        ('[["a", ""]]', 'pair 0'),
        ('{"test": []}', "no split 'train'.*'test'"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, content, message):
    (tmp_path / 'p.txt').write_text(content)
    with pytest.raises(ValueError, match=f"p.txt'.*{message}"):
        read_pairs(tmp_path / 'p.txt')


def test_who_is_in_pictures_is_told_apart_from_pairs(tmp_path):
    file = tmp_path / 'list.txt'
    for text in (
        'name,identity\na.jpg,x\nb.jpg,x\n',
        '"name";"identity"\n"a.jpg";"x"\n"b.jpg";"x"\n',
        '\ufeff,identity,image\n0,x,a.jpg\n1,x,b.jpg\n',
        'image\tperson_id\na.jpg\tx\nb.jpg\tx\n',
    ):
        file.write_text(text)
        assert read_identities(file) == {'a.jpg': 'x', 'b.jpg': 'x'}
        assert set(read_pairs(file)) == {
            ('a.jpg', 'b.jpg'),
            ('b.jpg', 'a.jpg'),
        }
    for names in (
        DF,
        ARCHIVE,
        [f'train/{name}' for name in DF],
        [f'In shop/{name}' for name in ARCHIVE],
        [f'0002_c1s1_00045{k}_03.jpg' for k in (1, 2)],
    ):
        file.write_text('\n'.join(names))
        assert read_image_list(file) == list(read_identities(file)) == names
        assert set(read_pairs(file)) == {tuple(names), tuple(names[::-1])}
    file.write_text('"my photo, 1.jpg"\nb.jpg\n')
    assert read_image_list(file) == ['my photo, 1.jpg', 'b.jpg']
    file.write_text('a.jpg,b.jpg\n')
    for read in (read_image_list, read_identities):
        with pytest.raises(ValueError, match='holds pairs, such as a.jpg, b'):
            read(file)


names = (
    st.text(
        st.characters(exclude_categories=['Cs'], exclude_characters='\n\r\0'),
        min_size=1,
        max_size=9,
    )
    .map(str.strip)
    .filter(bool)
    .map('{}.png'.format)
)


@given(st.lists(st.tuples(names, names), min_size=1, max_size=5))
def test_what_is_written_is_read_back(tmp_path_factory, pairs):
    folder = tmp_path_factory.mktemp('lists')
    write_pairs_csv(folder / 'p.csv', pairs, ending='')
    assert read_pairs(folder / 'p.csv') == pairs
    who = {name: other for name, other in pairs}
    write_identities(folder / 'who.csv', who)
    assert read_identities(folder / 'who.csv') == who


def test_line_breaks_are_refused_when_written(tmp_path):
    for write, content in (
        (write_pairs_csv, [('a', 'b\nc')]),
        (write_identities, {'a\rb': 'x'}),
    ):
        with pytest.raises(ValueError, match='line break'):
            write(tmp_path / 'x.csv', content)
        assert not (tmp_path / 'x.csv').exists()


def test_thousands_of_lines(tmp_path):
    pairs = [(f'x/{k}.jpg', f'y/{k}.jpg') for k in range(20_000)]
    (tmp_path / 'p.txt').write_text('\n'.join(map(','.join, pairs)))
    assert read_pairs(tmp_path / 'p.txt') == pairs
