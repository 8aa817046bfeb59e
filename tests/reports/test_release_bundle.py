"""The bundle of a release: everything to work with in one file, valid for strangers, the same bytes for good."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import frictionless
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from reports import files, releasing, snapshots, tasks, verifying
from reports.models import Release, ReleaseFile, Snapshot
from tests.factories import make_period, make_reviewer
from tests.reports.release_files import bundled, content, csv_rows
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

TABLES = (
    "coverage", "indicators", "programmes", "series", "movements", "requirements", "targets", "reference-values",
    "regions", "institutions", "fields",
)  # fmt: skip


def test_it_holds_each_table_twice_its_description_and_words_in_three_languages(release: Release) -> None:
    with bundled(release) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert sorted(names) == sorted(
        [f"{table}.{ending}" for table in TABLES for ending in ("csv", "parquet")]
        + ["datapackage.json", "README.kk.md", "README.ru.md", "README.en.md"]
    )


def test_its_tables_are_those_of_the_release(release: Release) -> None:
    with bundled(release) as archive:
        for name in (name for name in archive.namelist() if not name.startswith("README")):
            assert archive.read(name) == content(release, name)


@pytest.mark.parametrize("generated", [False, True])
def test_a_stranger_finds_the_package_valid(
    release: Release, request: pytest.FixtureRequest, tmp_path: Path, generated: bool
) -> None:
    """By the reference implementation: the description, and types, values, keys, sizes and hashes of all rows."""
    if generated:
        request.getfixturevalue("demonstration")
    newer = make_release()
    with bundled(newer) as archive:
        archive.extractall(tmp_path)
    package = frictionless.Package(str(tmp_path / "datapackage.json"))
    for resource in list(package.resources):
        if resource.format == "parquet":  # its own types are checked elsewhere
            package.remove_resource(resource.name)
    report = package.validate()
    assert report.valid, report.flatten(["type", "title", "note"])
    assert report.stats["tasks"] == len(TABLES)


def test_the_description_tells_sizes_hashes_units_and_how_to_cite(release: Release) -> None:
    with bundled(release) as archive:
        package = json.loads(archive.read("datapackage.json"))
        for resource in package["resources"]:
            data = archive.read(resource["path"])
            assert resource["bytes"] == len(data)
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["methodology_version"] == 1
    assert package["fingerprint"] == release.snapshot.fingerprint
    assert package["demonstration"] is False
    assert set(package["citation"]) == {"kk", "ru", "en"}
    assert package["homepage"].endswith(f"/en/releases/{release.number}/")
    coverage = next(one for one in package["resources"] if one["name"] == "coverage")
    units = {field["name"]: field.get("unit") for field in coverage["schema"]["fields"]}
    assert (units["met"], units["share"], units["key"]) == ("programmes", "share from 0 to 1", None)


def test_a_mistake_in_a_bundle_would_be_found(release: Release, tmp_path: Path) -> None:
    """The negative control of the validation above."""
    with bundled(release) as archive:
        archive.extractall(tmp_path)
    table = tmp_path / "coverage.csv"
    table.write_bytes(table.read_bytes().replace(b",0.333333,", b",a third,"))
    found = frictionless.Resource(
        str(table),
        schema=frictionless.Package(str(tmp_path / "datapackage.json")).get_resource("coverage").schema,
    ).validate()
    assert not found.valid


@pytest.mark.parametrize(("language", "word"), [("kk", "kk"), ("ru", "ru"), ("en", "Cite as")])
def test_the_words_name_release_licence_methodology_and_address(
    release: Release, language: str, word: str
) -> None:
    with bundled(release) as archive:
        text = archive.read(f"README.{language}.md").decode()
    for wanted in ("CC BY 4.0", release.snapshot.fingerprint, "coverage.parquet", "@misc{qamtu-1,", word):
        assert wanted in text
    assert f"/{language}/releases/1/" in text
    assert "{%" not in text
    assert "&#" not in text


def test_its_bytes_depend_on_nothing_but_the_release(release: Release) -> None:
    (again,) = [made.content for made in files.contents(release) if made.name == "qamtu-1.zip"]
    assert again == content(release, "qamtu-1.zip")
    with bundled(release) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_has_an_address_for_good(client: Client, release: Release) -> None:
    response = client.get("/kk/releases/1/files/qamtu-1.zip")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == 'attachment; filename="qamtu-1.zip"'
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{hashlib.sha256(response.content).hexdigest()}"'
    assert zipfile.is_zipfile(io.BytesIO(response.content))


# Complete or not yet


def older_release(snapshot: Snapshot) -> Release:
    """A release as a program without bundles has left it: public, with a file or two."""
    release = releasing.release(snapshot=snapshot, by=make_reviewer(), confirmed_by=make_reviewer())
    ReleaseFile.objects.create(
        release=release, name="coverage.csv", media_type=files.CSV, content=b"as it was", sha256="0" * 64
    )
    Release.objects.filter(pk=release.pk).update(files_ready_at=timezone.now())
    release.refresh_from_db()
    return release


@pytest.fixture
def snapshot(release: Release) -> Snapshot:
    return verifying.verify(snapshots.take(snapshots.request(period=make_period()).pk).pk)


def test_an_older_release_gets_what_it_lacks_and_keeps_what_it_has(snapshot: Snapshot) -> None:
    older = older_release(snapshot)
    tasks.sweep()
    ready = older.files_ready_at
    older.refresh_from_db()
    assert content(older, "coverage.csv") == b"as it was"
    assert older.files.filter(name=f"qamtu-{older.number}.zip").exists()
    assert older.bundled_at is not None
    assert older.files_ready_at == ready
    kept = set(older.files.values_list("name", "language", "sha256"))
    tasks.sweep()
    assert set(older.files.values_list("name", "language", "sha256")) == kept


def test_a_page_that_lists_files_is_new_once_they_are_more(client: Client, snapshot: Snapshot) -> None:
    older = older_release(snapshot)
    address = f"/en/releases/{older.number}/"
    before, listed = client.get(address)["ETag"], client.get(f"/api/v1/releases/{older.number}/")["ETag"]
    releasing.prepare(older.pk)
    assert client.get(address)["ETag"] != before
    assert client.get(f"/api/v1/releases/{older.number}/")["ETag"] != listed


def test_once_it_is_bundled_a_release_gets_no_more_files(release: Release) -> None:
    with pytest.raises(IntegrityError, match="complete"), transaction.atomic():
        ReleaseFile.objects.create(release=release, name="x", media_type="y", content=b"", sha256="z")
    for change in ({"bundled_at": None}, {"files_ready_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**change)


def test_one_release_that_fails_does_not_hold_up_the_sweep(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = older_release(snapshot)
    ReleaseFile.objects.create(release=older, name="qamtu.txt", media_type="x", content=b"", sha256="")
    monkeypatch.setattr(files, "contents", lambda _release: 1 / 0)
    tasks.sweep()
    older.refresh_from_db()
    assert older.bundled_at is None
    monkeypatch.undo()
    tasks.sweep()
    older.refresh_from_db()
    assert older.bundled_at is not None


def test_the_series_leaves_out_what_was_corrected(release: Release) -> None:
    newer = make_release(corrects=release, correction_reason="One university twice")
    assert {row["release"] for row in csv_rows(content(newer, "series.csv"))} == {"2"}
    assert {row["since"] for row in csv_rows(content(newer, "movements.csv"))} <= {"1"}
