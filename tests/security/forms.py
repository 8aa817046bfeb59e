"""The forms of a page as a browser would send them back: every field with the value that it shows."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    def __init__(self, shown: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []  # where to (nothing: here), and what
        self.offered: set[str] = set()  # all names, those of boxes that are not ticked too
        self.current: dict[str, str] | None = None
        self.selecting = self.writing = ""
        self.feed(shown)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.current = {}
            self.forms.append((given.get("action", ""), self.current))
        if self.current is None:
            return
        name = given.get("name", "")
        self.offered |= {name}
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            if kind not in ("file", "submit", "button", "image"):
                self.current[name] = given.get("value", "on" if kind == "checkbox" else "")
        elif tag == "select":
            self.selecting = name
        elif (
            tag == "option" and self.selecting and ("selected" in given or self.selecting not in self.current)
        ):
            self.current[self.selecting] = given.get("value", "")
        elif tag == "textarea" and name:
            self.writing = name
            self.current[name] = ""

    def handle_data(self, data: str) -> None:
        if self.writing and self.current is not None:
            self.current[self.writing] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.current = None
        elif tag == "select":
            self.selecting = ""
        elif tag == "textarea":
            self.writing = ""
