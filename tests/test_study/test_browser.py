"""The whole study in a real browser: Chromium without a window.

`make test-browser` installs what this takes of Python; Chromium and its
driver come from the system (on Debian: chromium, chromium-driver).
"""

import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from itertools import combinations

import pytest
from study_samples import SMALL, small_study

from mmposetransfer.study import study_judgements

pytestmark = pytest.mark.browser

# So long a page may take on a machine that has much else to do.
PATIENCE = 300
DESKTOP, PHONE = (1280, 800), (390, 780)
# A low window on a desk, phones upright and lying, a tablet: (width, height).
WINDOWS = ((1280, 620), PHONE, (360, 600), (780, 360), (820, 1180))
SINGLE, PAIR = '.trial.single', '.trial.pair'
TEXT = '.text .jspsych-html-multi-response-button button'
PICTURE = '#jspsych-html-multi-response-stimulus img'


class Browser:
    """Chromium, and what these tests ask of a page."""

    def __init__(self, folder, size=DESKTOP, touch=False):
        from selenium.webdriver import Chrome
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = shutil.which('chromium')
        for argument in (
            'headless',
            'no-sandbox',
            'disable-gpu',
            'disable-dev-shm-usage',
            'disable-quic',
            'no-first-run',
            'disable-background-networking',
            'disable-component-update',
            'disable-sync',
            f'user-data-dir={folder}',
            'window-size={},{}'.format(*size),
        ):
            options.add_argument(f'--{argument}')
        if touch:
            metrics = dict(
                width=size[0], height=size[1], pixelRatio=2, touch=True
            )
            options.add_experimental_option(
                'mobileEmulation', dict(deviceMetrics=metrics)
            )
        options.set_capability('goog:loggingPrefs', dict(browser='ALL'))
        self.driver = Chrome(
            options=options, service=Service(shutil.which('chromedriver'))
        )
        self.driver.set_page_load_timeout(PATIENCE)

    def all(self, selector):
        """Elements of the page."""
        return self.driver.find_elements('css selector', selector)

    def wait(self, *selectors):
        """The first selector of which the page has something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for selector in selectors:
                if self.all(selector):
                    return selector
            time.sleep(0.02)
        raise AssertionError(f'none of {selectors}: {self.text()}')

    def text(self):
        """What can be read on the page."""
        return self.driver.find_element('css selector', 'body').text

    def press(self, key):
        """A key of the keyboard."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(key).perform()

    def click(self, selector):
        """With a pointer or finger."""
        self.all(selector)[0].click()

    def take_part(self, address):
        """Open the study and join it; the first page of a test is there."""
        self.driver.get(address)
        self.wait('#start')
        self.click('#start')
        self.wait(TEXT)

    def leave_text(self):
        """Go through pages of text to the next trial; its kind."""
        from selenium.common.exceptions import WebDriverException

        while (found := self.wait(SINGLE, PAIR, TEXT, '#end')) == TEXT:
            with suppress(WebDriverException, IndexError):  # it has just gone
                self.click(TEXT)
        return found

    def resize(self, size):
        """Give the page a window of (width, height)."""
        self.driver.execute_cdp_cmd(
            'Emulation.setDeviceMetricsOverride',
            dict(
                width=size[0],
                height=size[1],
                deviceScaleFactor=1,
                mobile=False,
            ),
        )

    def boxes(self, selector):
        """(left, top, right, bottom) of what lies in the window."""
        return self.driver.execute_script(
            """return [...document.querySelectorAll(arguments[0])]
            .map((e) => e.getBoundingClientRect())
            .map((b) => [b.left, b.top, b.right, b.bottom])""",
            selector,
        )

    def errors(self):
        """What the page complained of in the browser's console."""
        return [
            entry['message']
            for entry in self.driver.get_log('browser')
            if entry['level'] in ('SEVERE', 'WARNING')
        ]


@pytest.fixture
def open_browser(tmp_path):
    """Makes browsers, which end with the test."""
    opened = []

    def make(**options):
        opened.append(Browser(tmp_path / f'browser{len(opened)}', **options))
        return opened[-1]

    yield make
    for browser in opened:
        browser.driver.quit()


@pytest.fixture
def study(tmp_path, servers):
    """A study's database, and the address of its server."""
    database, _ = small_study(tmp_path)
    return database, servers(database.path).address.geturl()


def answered(database, number=0):
    return [side for person, _, side in database.answers() if person == number]


def wait_for_answers(database, count):
    end = time.monotonic() + PATIENCE
    while len(answered(database)) < count:
        assert time.monotonic() < end, answered(database)
        time.sleep(0.02)


def assert_laid_out(boxes, window):
    """All can be seen: inside of the window, and none on another."""
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= window[0]
        assert 0 <= top < bottom <= window[1]
        assert bottom - top > 20
    for one, other in combinations(boxes, 2):
        assert are_apart(one, other), (one, other)


def are_apart(one, other):
    """Whether two boxes share no pixel: one begins where the other ends."""
    return any(
        max(one[axis], other[axis]) >= min(one[axis + 2], other[axis + 2])
        for axis in (0, 1)
    )


def test_whole_study_by_keyboard(study, open_browser):
    """Letters, arrows and a click; answers are those that were given."""
    from selenium.webdriver.common.keys import Keys

    database, address = study
    browser = open_browser()
    browser.take_part(f'{address}?lang=en')
    assert 'practice, which does not count: 2 of the 8' in browser.text()
    browser.press(' ')
    keys = dict(left=('f', Keys.ARROW_LEFT), right=('j', Keys.ARROW_RIGHT))
    said = []
    trials = database.trials(0)
    for position, trial in enumerate(trials):
        kind = browser.leave_text()
        assert (kind == PAIR) == (trial.method is None)
        side = ('left', 'right')[position % 3 % 2]
        said.append(side)
        browser.press(keys[side][position % 2])
        wait_for_answers(database, position + 1)
    browser.wait('#end')
    assert 'Thank you' in browser.text()
    assert answered(database) == said
    assert browser.errors() == []
    counted = Counter(j.trial.practice for j in study_judgements(database))
    practice = 2 * SMALL['image_practice'] + SMALL['pair_practice']
    assert counted == {False: len(trials) - practice}


def test_picture_is_gone_after_its_time_and_the_answer_is_awaited(
    study, open_browser
):
    database, address = study
    browser = open_browser()
    browser.take_part(address)
    assert browser.leave_text() == SINGLE
    shown = browser.all(PICTURE)[0]
    width = browser.driver.execute_script(
        'return arguments[0].naturalWidth', shown
    )
    assert width == 16  # it is loaded when its time begins
    end = time.monotonic() + PATIENCE
    while shown.is_displayed():
        assert time.monotonic() < end
    time.sleep(0.5)
    assert not shown.is_displayed() and answered(database) == []
    browser.click('[data-choice="1"] button')
    wait_for_answers(database, 1)
    assert answered(database) == ['right']


def test_reloaded_page_goes_on_where_it_was(study, open_browser):
    database, address = study
    browser = open_browser()
    browser.take_part(f'{address}?lang=zh')
    for position in range(2):
        browser.leave_text()
        browser.click('[data-choice="0"] button')
        wait_for_answers(database, position + 1)
    browser.wait(TEXT)
    assert '练习结束' in browser.text()
    browser.driver.get(address)  # the language, too, is remembered
    browser.wait(TEXT)
    browser.leave_text()
    browser.click('[data-choice="1"] button')
    wait_for_answers(database, 3)
    assert '真实' in browser.text()
    browser.driver.refresh()
    browser.wait(TEXT)
    assert '欢迎回来' in browser.text()
    assert answered(database) == ['left', 'left', 'right']
    assert {person for person, _, _ in database.answers()} == {0}


def test_lost_connection_is_told_and_the_answer_is_sent_again(
    tmp_path, servers, open_browser
):
    database, _ = small_study(tmp_path)
    server = servers(database.path)
    browser = open_browser()
    browser.take_part(f'{server.address.geturl()}?lang=en')
    browser.leave_text()
    server.end(signal.SIGKILL)
    browser.click('[data-choice="0"] button')
    browser.wait('#notice:not([hidden])')
    assert 'No connection' in browser.text() and answered(database) == []
    servers(database.path, port=server.address.port)
    wait_for_answers(database, 1)
    browser.leave_text()
    assert 'No connection' not in browser.text()


def test_phone_shows_everything_without_scrolling(study, open_browser):
    """Whole study by finger; nothing lies outside of the window."""
    database, address = study
    browser = open_browser(size=PHONE, touch=True)
    browser.take_part(f'{address}?lang=en')
    for position in range(len(database.trials(0))):
        kind = browser.leave_text()
        boxes = browser.boxes('main img, main button')
        assert len(boxes) == (6 if kind == PAIR else 3)
        assert_laid_out(boxes, PHONE)
        # Keys are not told where there are none.
        assert not browser.all('button small')[0].is_displayed()
        # A tap on a picture of a pair chooses it.
        target = '[data-side="1"]' if kind == PAIR else '[data-choice="1"]'
        browser.click(target)
        wait_for_answers(database, position + 1)
    browser.wait('#end')
    assert set(answered(database)) == {'right'}


def test_large_pictures_have_room_in_any_window(
    tmp_path, servers, open_browser
):
    """They shrink to it; what is judged is no smaller than what is beside."""
    database, _ = small_study(tmp_path, zoom=20, show_real=True)
    browser = open_browser()
    address = servers(database.path).address.geturl()
    browser.take_part(f'{address}?lang=en')
    for kind in (SINGLE, PAIR):
        assert browser.leave_text() == kind
        for window in WINDOWS:
            browser.resize(window)
            assert_laid_out(
                browser.boxes('main img, main button, header p, figcaption'),
                window,
            )
            beside = browser.boxes('.beside img')
            heights = [b - t for _, t, _, b in browser.boxes('main img')]
            assert len(heights) == (5 if kind == PAIR else 1)
            assert min(heights[len(beside) :]) > max(heights) - 1
        for position, trial in enumerate(database.trials(0)):
            if trial.method:  # all that comes before the pairs
                database.answer(0, position, 'left', 800)
        browser.driver.refresh()
