#!/usr/bin/env python3
"""Send the curricula of a workbook to Qamtu through its API. Python 3.9 or newer, nothing to install.

    export QAMTU_KEY=qamtu_...        # a signatory makes it in the workspace, under Keys
    python push_curricula.py https://qamtu.example 2025 curricula.xlsx --dry-run
    python push_curricula.py https://qamtu.example 2025 curricula.xlsx
    python push_curricula.py https://qamtu.example 2025 curricula.xlsx --each

The workbook has the English headings of the template. Put the rows of your own database in the place of `read_workbook`
and the rest can stay as it is. Whatever is sent twice changes nothing the second time.
"""

import argparse
import gzip
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Api:
    """The addresses of one institution: the key says which."""

    def __init__(self, site: str, key: str) -> None:
        self.root = site.rstrip("/") + "/api/v1/own/"
        self.headers = {"Authorization": f"Bearer {key}", "Accept-Language": "en"}

    def ask(self, method: str, address: str, body: object = None, **headers: str) -> tuple:
        """Status, headers and content. What the server asks to be sent later is sent later, five times at most."""
        data = None if body is None else json.dumps(body).encode()
        told = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if data is not None:
            told["Content-Type"] = "application/json"
        if method == "POST":  # the same name for all five: it is done once, however often it arrives
            told |= {"Content-Encoding": "gzip", "Idempotency-Key": str(uuid.uuid4())}
            data = gzip.compress(data or b"")
        where = address if address.startswith("http") else self.root + address
        for attempt in range(5):
            request = urllib.request.Request(where, data, told, method=method)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.status, answer.headers, json.load(answer)
            except urllib.error.HTTPError as refusal:
                if refusal.code not in (429, 503) or attempt == 4:
                    return refusal.code, refusal.headers, json.load(refusal)
                time.sleep(int(refusal.headers.get("Retry-After") or 5))
            except urllib.error.URLError:
                if attempt == 4:
                    raise
                time.sleep(2**attempt)
        raise AssertionError


def put_each(api: Api, period: str, curricula: list, dry_run: bool) -> bool:
    """One by one, each replacing its draft; only if that is still what we have read."""
    good = True
    for curriculum in curricula:
        address = f"curricula/{period}/{curriculum['programme']}/"
        found, headers, _body = api.ask("GET", address)
        read = {"If_Match": headers["ETag"]} if found == 200 else {}
        status, _headers, body = api.ask("PUT", address + "?dry_run=true" * dry_run, curriculum, **read)
        if status in (200, 201):
            print(curriculum["programme"], body.get("outcome") or "saved")
        else:  # 412: somebody was faster; read again and decide what to do with their changes
            good = False
            tell(curriculum["programme"], body)
    return good


def send_all(api: Api, period: str, curricula: list, dry_run: bool) -> bool:
    """All at once, in the background: all are saved, or none where a single line is faulty."""
    query = f"imports/?period={period}" + "&dry_run=true" * dry_run
    status, headers, body = api.ask("POST", query, curricula)
    if status != 202:
        tell("not taken", body)
        return False
    while body["state"] in ("queued", "running"):
        time.sleep(1)
        _status, _headers, body = api.ask("GET", headers["Location"])
    tell(body["state"], body)
    print(json.dumps({name: body[name] for name in ("rows", "curricula", "lines", "disciplines")}))
    return body["state"] in ("done", "tried")


def tell(what: str, body: dict) -> None:
    print(what, body.get("detail", ""))
    for fault in body.get("errors", []):
        print(f"  {fault.get('pointer')}: {fault['message']}")


def read_workbook(path: str) -> list:
    """The curricula of the first sheet with our headings: [{"programme": "6B06102", "lines": [{...}, ...]}, ...]."""
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            shared = [text_of(item) for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        for name in names:
            rows = [
                cells_of(row, shared) for row in ElementTree.fromstring(book.read(name)).iter(MAIN + "row")
            ]
            heads = [number for number, row in enumerate(rows) if "programme_code" in row.values()]
            if heads:
                return curricula_of(rows[heads[0]], rows[heads[0] + 1 :])
    sys.exit("No sheet has the heading programme_code.")


def curricula_of(headings: dict, rows: list) -> list:
    """Rows grouped by programme, in their order. A row with a programme and nothing else is not filled in."""
    curricula: dict = {}
    for row in rows:
        line = {
            headings[column]: value for column, value in row.items() if column in headings and value != ""
        }
        programme = line.pop("programme_code", None)
        line.pop("programme_title", None)
        if line:
            lines = curricula.setdefault(programme, {"programme": programme, "lines": []})["lines"]
            lines.append(line)
    return list(curricula.values())


def cells_of(row: ElementTree.Element, shared: list) -> dict:
    """The values of a row by the letters of their column."""
    return {cell.get("r", "").rstrip("0123456789"): value_of(cell, shared) for cell in row.iter(MAIN + "c")}


def value_of(cell: ElementTree.Element, shared: list) -> object:
    kind, value = cell.get("t", "n"), cell.findtext(MAIN + "v", "")
    if kind == "inlineStr":
        return text_of(cell)
    if kind == "s":
        return shared[int(value)]
    if kind == "b":
        return value == "1"
    if kind == "n" and value:
        return int(float(value)) if float(value).is_integer() else float(value)
    return value


def text_of(item: ElementTree.Element) -> str:
    return "".join(text.text or "" for text in item.iter(MAIN + "t"))


def main() -> int:
    options = argparse.ArgumentParser(description="Send the curricula of a workbook to Qamtu.")
    options.add_argument("site", help="https://qamtu.example")
    options.add_argument("period", help="2025 for the academic year 2025/26")
    options.add_argument("workbook", help="an .xlsx file")
    options.add_argument("--dry-run", action="store_true", help="only say what would happen")
    options.add_argument(
        "--each", action="store_true", help="one curriculum after the other instead of all at once"
    )
    told = options.parse_args()
    api = Api(told.site, os.environ["QAMTU_KEY"])
    push = put_each if told.each else send_all
    return 0 if push(api, told.period, read_workbook(told.workbook), told.dry_run) else 1


if __name__ == "__main__":
    sys.exit(main())
