# SPDX-License-Identifier: MIT
"""Growth as a picture: points on two logarithmic axes, and the line through
them, where they are enough. Writes SVG by hand; nothing is needed for it."""

import math
from xml.sax.saxutils import escape

from tables import size_name

WIDTH, HEIGHT = 560, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 44, 52
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#b8860b", "#555555")
FEWEST = 4  # points that a line is drawn through


def upper_part(points):
    """What a job costs before it begins bends the line at its lower end, so
    only points from the middle of the axis on are taken."""
    points = [(x, y) for x, y in points if x > 0 and y > 0]
    middle = math.sqrt(points[0][0] * points[-1][0]) if points else 0
    return [(x, y) for x, y in points if x >= middle]


def can_fit(points):
    return len(upper_part(points)) >= FEWEST


def start_of_fit(points, x_name):
    """From where on the exponent is that of the points, in words."""
    first = upper_part(points)[0][0]
    return size_name(first) if x_name.startswith("bytes") else "%d" % first


def fit(points):
    """Exponent and factor of y = factor * x ** exponent, by least squares of
    the logarithms of the upper part."""
    upper = [(math.log(x), math.log(y)) for x, y in upper_part(points)]
    mean_x = sum(x for x, _ in upper) / len(upper)
    mean_y = sum(y for _, y in upper) / len(upper)
    spread = sum((x - mean_x) ** 2 for x, _ in upper)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in upper) / spread
    return slope, math.exp(mean_y - slope * mean_x)


def decades(low, high):
    return range(math.floor(math.log10(low) + 1e-9),
                 math.ceil(math.log10(high) - 1e-9) + 1)


class Axis:
    """Values between two powers of ten, on a stretch of pixels."""

    def __init__(self, values, start, end):
        self.ticks = list(decades(min(values), max(values)))
        if len(self.ticks) == 1:
            self.ticks.append(self.ticks[0] + 1)
        self.start, self.end = start, end

    def at(self, value):
        low, high = self.ticks[0], self.ticks[-1]
        part = (math.log10(value) - low) / (high - low)
        return self.start + part * (self.end - self.start)


def text(x, y, words, anchor="middle", size=12, turn=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d"%s>%s' \
        "</text>" % (x, y, anchor, size, turn, escape(words))


def power(exponent):
    return "%g" % 10.0 ** exponent if -4 < exponent < 6 else "1e%d" % exponent


def grid(across, up, x_name, y_name):
    parts = []
    for tick in across.ticks:
        x = across.at(10.0 ** tick)
        parts.append('<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" '
                     'stroke="#ddd"/>' % (x, TOP, x, HEIGHT - BOTTOM))
        parts.append(text(x, HEIGHT - BOTTOM + 16, power(tick), size=10))
    for tick in up.ticks:
        y = up.at(10.0 ** tick)
        parts.append('<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" '
                     'stroke="#ddd"/>' % (LEFT, y, WIDTH - RIGHT, y))
        parts.append(text(LEFT - 6, y + 4, power(tick), "end", 10))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_name))
    turn = ' transform="rotate(-90 14 %d)"' % (HEIGHT // 2)
    parts.append(text(14, HEIGHT // 2, y_name, turn=turn))
    return parts


def curve(points, across, up, colour):
    parts = ['<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>' % (
        across.at(x), up.at(y), colour) for x, y in points]
    return parts + (line(points, across, up, colour) if can_fit(points)
                    else [])


def line(points, across, up, colour):
    slope, factor = fit(points)
    x0, x1 = points[0][0], points[-1][0]
    low, high = 10.0 ** up.ticks[0], 10.0 ** up.ticks[-1]
    # The part of the line that lies in the picture.
    if slope > 0.01:
        x0 = max(x0, (low / factor) ** (1 / slope))
        x1 = min(x1, (high / factor) ** (1 / slope))
    ends = [(x, min(max(factor * x ** slope, low), high)) for x in (x0, x1)]
    return ['<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
            'stroke-dasharray="5 3"/>' % (
                across.at(ends[0][0]), up.at(ends[0][1]),
                across.at(ends[1][0]), up.at(ends[1][1]), colour)]


def label(name, points, x_name):
    if not can_fit(points):
        return name
    return "%s: exponent %.2f from %s on" % (
        name, fit(points)[0], start_of_fit(points, x_name))


def write(path, title, x_name, y_name, curves):
    """@curves: {name: [(x, y), …]}, x ascending."""
    curves = {name: [(x, y) for x, y in points if x > 0 and y > 0]
              for name, points in curves.items()}
    every = [point for points in curves.values() for point in points]
    across = Axis([x for x, _ in every], LEFT, WIDTH - RIGHT)
    up = Axis([y for _, y in every], HEIGHT - BOTTOM, TOP)
    labels = [label(name, points, x_name) for name, points in curves.items()]
    if len(curves) == 1:
        title = label(title, every, x_name)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
             'font-family="sans-serif">' % (WIDTH, HEIGHT),
             '<rect width="100%" height="100%" fill="white"/>',
             text(WIDTH / 2, 24, title, size=15)]
    parts += grid(across, up, x_name, y_name)
    for number, points in enumerate(curves.values()):
        colour = COLOURS[number % len(COLOURS)]
        parts += curve(points, across, up, colour)
        if len(curves) > 1:
            y = TOP + 16 + 16 * number
            parts.append('<circle cx="%d" cy="%d" r="3.5" fill="%s"/>' % (
                LEFT + 12, y - 4, colour))
            parts.append(text(LEFT + 22, y, labels[number], "start", 11))
    parts.append("</svg>\n")
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(parts))
