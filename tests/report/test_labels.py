"""Names on a map that would lie over one another."""

from __future__ import annotations

import numpy as np
from matplotlib.text import Text

from subterra.report.labels import Label, Mark, draw_labels, places_apart
from subterra.report.style import laid_out

FRAME = np.array([0.0, 0.0, 400.0, 300.0])


def boxes_of(middles, size):
    return np.hstack([middles - 0.5 * size, middles + 0.5 * size])


def shared(boxes):
    """Area that each two boxes share, (n, n), nothing on the diagonal."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    area = np.prod(np.maximum(high - low, 0.0), axis=2)
    np.fill_diagonal(area, 0.0)
    return area


def test_names_of_a_crowd_keep_clear_of_one_another_and_of_the_marks():
    rng = np.random.default_rng(5)
    at = np.vstack([rng.normal([200.0, 150.0], 12.0, (14, 2)), [[2.0, 2.0], [398.0, 299.0]]])
    size = np.tile([20.0, 9.0], (len(at), 1))
    marks = np.hstack([at - 4.0, at + 4.0])
    boxes = boxes_of(places_apart(at, size, marks, FRAME), size)
    assert shared(np.vstack([boxes, marks]))[: len(at)].max() == 0.0
    assert boxes[:, :2].min() >= 0.0
    assert (boxes[:, 2:] <= FRAME[2:]).all()


def test_a_name_that_is_alone_stands_below_its_mark():
    at, size = np.array([[200.0, 150.0]]), np.array([[20.0, 9.0]])
    (place,) = places_apart(at, size, np.array([[196.0, 146.0, 204.0, 154.0]]), FRAME)
    assert place[0] == 200.0
    assert 130.0 < place[1] < 150.0


def test_only_names_that_had_to_move_far_have_a_line():
    crowd = [(50.0 + 0.3 * k, 50.0) for k in range(12)]

    def draw(figure):
        ax = figure.add_subplot()
        ax.set_xlim(0.0, 100.0)
        ax.set_ylim(0.0, 100.0)
        places = [*crowd, (10.0, 10.0)]
        names = [Label(f"R{k}", *place) for k, place in enumerate(places, start=1)]
        draw_labels(ax, names, [Mark(*place) for place in places])

    figure = laid_out(draw, 5.0, 5.0)
    texts = figure.axes[0].texts
    led = [text.get_text() for text in texts if text.arrow_patch is not None]
    assert len(texts) == 13
    assert led
    assert "R13" not in led
    figure.draw_without_rendering()
    # Of the words alone, without the line that leads to them.
    drawn = np.array([Text.get_window_extent(text).extents for text in texts])
    assert shared(drawn).max() < 4.0
