"""Reads a page of HTML that must stand alone, for the tests of pages that commands write."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input"}
NAMED = ("src", "href", "xlink:href", "action", "data", "srcset", "poster")
HEADINGS = ("h2", "h3", "h4", "summary")


class Page(HTMLParser):
    """A page: words, tags, addresses, quotes, tables by the heading before them.

    Reading fails where an element is not closed or has a handler.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.quotes: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._words: list[str] = []
        self._open: list[str] = []
        self._title = ""
        self.feed(html)
        self.close()
        assert not self._open
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in NAMED]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag in HEADINGS:
            self._title = ""
        elif tag == "blockquote":
            self.quotes.append("")
        elif tag == "table":
            self.tables[self._title] = []
        elif tag == "tr":
            self.tables[self._title].append([])
        elif tag in ("td", "th"):
            self.tables[self._title][-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        inside = self._open[-1] if self._open else ""
        if inside in HEADINGS:
            self._title += data
        elif inside in ("td", "th"):
            self.tables[self._title][-1][-1] += data
        elif inside == "blockquote":
            self.quotes[-1] += data

    def rows(self, title: str) -> dict[str, list[str]]:
        """The rows of a table below its head, by their first cell."""
        return {cells[0]: cells[1:] for cells in self.tables[title][1:]}
