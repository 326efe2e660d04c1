"""Pictures as inline SVG for the page, and as PNG and SVG for a paper.

Text stays text: it is searched, copied and read aloud, and on the page it takes the page's font.
Nothing in a picture refers outside of it. What a picture says must not hang on its colours.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

COLOURS: dict[str, str] = {"hostility": "#b2182b", "formality": "#2166ac"}
"""Red and blue that stay apart for colour-blind readers; in grey both are dark."""
DOTS_PER_INCH = 200
NAME = 34
"""Characters of a group's name that a picture has room for."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a speaker may be called $x$
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.axisbelow": True,
    "grid.alpha": 0.3,
}


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: stem of its files.
        alt: what it shows, for who cannot see it.
        size: width and height in inches.
        draw: draws it into an empty figure.
    """

    name: str
    alt: str
    size: tuple[float, float]
    draw: Callable[[Figure], None]

    @cached_property
    def svg(self) -> bytes:
        """The picture as an SVG file; it is drawn once for the page and for its own file."""
        # Without them the same rows give the same bytes.
        blank = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        return self._saved(format="svg", transparent=True, metadata=blank)

    @property
    def png(self) -> bytes:
        """The picture as a PNG file."""
        return self._saved(format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})

    def _saved(self, **how: Any) -> bytes:  # noqa: ANN401 - savefig's own arguments
        stream = io.BytesIO()
        with _style(self.name):
            figure = Figure(figsize=self.size, layout="constrained")
            self.draw(figure)
            figure.savefig(stream, **how)
        return stream.getvalue()


def inline(picture: Picture) -> Markup:
    """Return a picture as an SVG element that may stand inside a page."""
    svg = picture.svg.decode()
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    # What only a file of its own needs: style sheet, ids of groups.
    body = re.sub(r"<style.*?</style>", "", body, count=1, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = found.groups() if found else ("0", "0")
    opening = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">')
    # matplotlib escapes the text of its own SVG.
    return opening.format(width, height, picture.alt) + Markup(body)  # noqa: S704


def files_of(picture: Picture) -> Iterator[tuple[str, bytes]]:
    """Give name and content of a picture's two files."""
    yield f"{picture.name}.svg", picture.svg
    yield f"{picture.name}.png", picture.png


def shortened(text: str, room: int = NAME) -> str:
    """Return a text on one line, or its beginning; characters that are no text are left out."""
    plain = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return plain if len(plain) <= room else f"{plain[: room - 1].rstrip()}…"


@contextmanager
def _style(name: str) -> Iterator[None]:
    """Draw as we do, whatever matplotlibrc lies about; ids differ between pictures of a page."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE | {"svg.hashsalt": name})
        # Layout and PNG ask matplotlib's own font, which lacks the signs of some names.
        warnings.filterwarnings("ignore", message="Glyph")
        yield
