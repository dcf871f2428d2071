"""The page as a browser lays it out, at the widths of a desk, a tablet and a telephone."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from subterra.report.page import render_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=60000", "--window-size=1400,1000", "--dump-dom",
)  # fmt: skip
WIDTHS = (1280, 768, 390)

# The page runs no scripts of its own; a frame around it measures it.
AROUND = """<!DOCTYPE html><meta charset="utf-8"><body><script>
const page = %s, widths = %s, found = {};
function measure(frame) {
  const d = frame.contentDocument, root = d.documentElement, wide = root.clientWidth;
  const all = [...d.querySelectorAll('body *')];
  const name = e => e.tagName + ' ' + e.textContent.trim().slice(0, 40);
  const images = [...d.images];
  return {
    overflow: root.scrollWidth - wide,
    outside: all.filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > wide + 1)
      .map(name),
    clipped: all.filter(e => e.clientWidth > 0 && !e.matches('.scroll')
      && e.scrollWidth > e.clientWidth + 1).map(name),
    images: images.length,
    broken: images.filter(i => !i.complete || i.naturalWidth === 0).length,
    silent: images.filter(i => i.alt.length < 8).length,
    lost: [...d.querySelectorAll('a[href]')]
      .filter(a => !d.getElementById(a.getAttribute('href').slice(1))).map(name),
    sections: [...d.querySelectorAll('section')]
      .filter(s => s.getBoundingClientRect().height > 40).map(s => s.id),
    answer: d.querySelector('#brief li').getBoundingClientRect().top,
    number: d.querySelector('.tiles strong').getBoundingClientRect().bottom,
  };
}
for (const width of widths) {
  const frame = document.createElement('iframe');
  frame.style.cssText = `width:${width}px;height:900px;border:0`;
  frame.onload = () => {
    found[width] = measure(frame);
    if (Object.keys(found).length === widths.length) {
      document.body.textContent = 'FOUND' + JSON.stringify(found) + 'END';
    }
  };
  frame.srcdoc = page;
  document.body.append(frame);
}
</script></body>"""


@pytest.fixture(scope="module")
def browser():
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed: the page was not laid out")
    return found


@pytest.fixture(scope="module")
def laid(browser, content, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    around = folder / "around.html"
    text = json.dumps(render_page(content)).replace("<", "\\u003c")
    around.write_text(AROUND % (text, json.dumps(WIDTHS)), encoding="utf-8")
    made = subprocess.run(
        [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", around.as_uri()],
        capture_output=True, check=True, timeout=500,
    )  # fmt: skip
    dom = made.stdout.decode()
    assert "FOUND{" in dom, "the browser did not finish laying out the page"
    return json.loads(dom.partition("FOUND")[2].partition("END")[0].replace("&amp;", "&"))


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_leaves_the_page_or_is_clipped(laid, width):
    found = laid[str(width)]
    assert found["overflow"] <= 0
    assert found["outside"] == []
    assert found["clipped"] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_figure_is_shown_and_says_what_it_is(laid, width):
    found = laid[str(width)]
    assert found["images"] >= 15
    assert found["broken"] == 0
    assert found["silent"] == 0


def test_every_link_leads_somewhere_and_every_section_is_seen(laid):
    found = laid["1280"]
    assert found["lost"] == []
    assert found["sections"] == [
        "brief", "factual", "desk", "model", "limits", "plan", "residual", "calibration", "annex",
    ]  # fmt: skip


def test_the_answer_stands_on_the_first_screen(laid):
    assert laid["1280"]["number"] < 400
    assert laid["1280"]["answer"] < 800
