"""The cycle of development as a drawing: where each stage stands on the ring. A list beside it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt

from maillage.cases.policies.facets import BY_TAXONOMY, Facet
from maillage.cases.queries.browsing import Counts
from maillage.taxonomies.queries.vocabulary import Word

# In the units of the drawing.
WIDTH, HEIGHT = 640, 440
_RADIUS, _LEAST, _MOST = 138, 17, 27
_TO_LABEL, _LINE_HEIGHT, _LINE = 14, 19, 19


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: a knot on the ring, larger the more stories it has."""

    number: int
    word: Word
    count: int
    chosen: bool
    x: float
    y: float
    r: float
    # The arc from its edge to the next one's, and where its arrow points.
    arc: str
    arrow: str
    label_x: float
    label_y: float
    anchor: str

    def lines(self, locale: str) -> list[tuple[float, str]]:
        """Its name cut into short lines, each with its height."""
        cut = _cut(self.word.label(locale))
        first = self.label_y - (len(cut) - 1) * _LINE_HEIGHT / 2
        return [(round(first + n * _LINE_HEIGHT, 1), line) for n, line in enumerate(cut)]


def cycle(counts: Counts, values: Sequence[tuple[Facet, Sequence[str]]] = (), current: str = "") -> list[Stage]:
    """The stages, with how many stories each would give. `current` is the one whose page this is."""
    facet = BY_TAXONOMY["stage"]
    others, chosen = counts.found(values, but=facet), {current, *dict(values).get(facet, ())}
    stages = [word for word in counts.known.lists.get("stage", ()) if not word.deprecated]
    numbers = [(others & counts.with_word(word)).bit_count() for word in stages]
    most = max(numbers, default=0) or 1
    radii = [_LEAST + (_MOST - _LEAST) * sqrt(number / most) for number in numbers]
    return [_stage(n, stages, numbers, radii, chosen) for n in range(len(stages))]


def _stage(n: int, stages: list[Word], numbers: list[int], radii: list[float], chosen: set[str]) -> Stage:
    step = 2 * pi / len(stages)
    angle, r = n * step - pi / 2, radii[n]
    x, y = _at(angle)
    begins = angle + (r + 7) / _RADIUS
    ends = angle + step - (radii[(n + 1) % len(radii)] + 9) / _RADIUS
    across, down = cos(angle), sin(angle)
    (from_x, from_y), (to_x, to_y) = _at(begins), _at(ends)
    return Stage(
        number=n + 1,
        word=stages[n],
        count=numbers[n],
        chosen=stages[n].slug in chosen,
        x=x,
        y=y,
        r=round(r, 1),
        arc=f"M{from_x} {from_y}A{_RADIUS} {_RADIUS} 0 0 1 {to_x} {to_y}",
        arrow=_arrow(ends, to_x, to_y),
        label_x=round(x + (r + _TO_LABEL) * across, 1),
        label_y=round(y + (r + _TO_LABEL) * down + (10 if down > 0.9 else -6 if down < -0.9 else 5), 1),
        anchor="middle" if abs(across) < 0.3 else "start" if across > 0 else "end",
    )


def _at(angle: float) -> tuple[float, float]:
    return round(WIDTH / 2 + _RADIUS * cos(angle), 1), round(HEIGHT / 2 + _RADIUS * sin(angle), 1)


def _arrow(angle: float, x: float, y: float) -> str:
    """The head of an arrow that follows the ring."""
    way = angle + pi / 2
    points = [(x + 9 * cos(way + turn), y + 9 * sin(way + turn)) for turn in (pi - 0.6, pi + 0.6)]
    (left_x, left_y), (right_x, right_y) = ((round(px, 1), round(py, 1)) for px, py in points)
    return f"M{left_x} {left_y}L{x} {y}L{right_x} {right_y}"


def _cut(name: str) -> list[str]:
    lines = [""]
    for word in name.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
