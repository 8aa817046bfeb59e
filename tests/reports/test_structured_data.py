"""A release as a schema.org Dataset: what finds data and cites it reads title, licence, coverage, files, checksums."""

import hashlib
import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from reports.models import Release
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL
# What Google's Dataset Search asks for, and what makes a data set citable.
TEXTS = {"@id", "url", "name", "description", "version", "license", "datePublished", "dateModified",
         "temporalCoverage", "measurementTechnique", "citation"}  # fmt: skip
THINGS = {"creator": "GovernmentOrganization", "publisher": "GovernmentOrganization", "spatialCoverage": "Country",
          "identifier": "PropertyValue"}  # fmt: skip


def described(client: Client, path: str) -> dict[str, Any]:
    shown = client.get(path).content.decode()
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    assert found.pop("@context") == "https://schema.org"
    return found


def check(dataset: dict[str, Any]) -> None:
    assert dataset["@type"] == "Dataset"
    for name in TEXTS:
        assert isinstance(dataset[name], str), name
        assert dataset[name], name
    for name, kind in THINGS.items():
        assert dataset[name]["@type"] == kind, name
        assert all(dataset[name].values()), name
    assert 50 <= len(dataset["description"]) <= 5000
    assert dataset["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert datetime.fromisoformat(dataset["datePublished"]).tzinfo
    start, end = map(date.fromisoformat, dataset["temporalCoverage"].split("/"))
    assert start <= end
    assert dataset["isAccessibleForFree"] is True


def check_tables(dataset: dict[str, Any]) -> None:
    assert {one["name"] for one in dataset["variableMeasured"]} >= {"met", "in_scope", "share"}
    for file in dataset["distribution"]:
        assert file["@type"] == "DataDownload"
        assert re.fullmatch(r"[\w.+-]+/[\w.+-]+", file["encodingFormat"])


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("page", ["releases/1/", "downloads/"])
def test_the_pages_of_a_release_describe_it(
    client: Client, release: Release, language: str, page: str
) -> None:
    dataset = described(client, f"/{language}/{page}")
    check(dataset)
    check_tables(dataset)
    assert dataset["@id"] == f"{SITE}/releases/1/", "it is the same in each language"
    assert dataset["url"] == f"{SITE}/{language}/releases/1/"
    assert dataset["identifier"]["value"] == release.snapshot.fingerprint
    assert dataset["includedInDataCatalog"]["@type"] == "DataCatalog"


def test_the_first_page_is_the_catalogue_with_its_newest_release(client: Client, release: Release) -> None:
    make_release()
    catalog = described(client, "/en/")
    assert catalog["@type"] == "DataCatalog"
    assert catalog["@id"] == described(client, "/en/releases/1/")["includedInDataCatalog"]["@id"]
    check(catalog["dataset"])
    assert catalog["dataset"]["@id"] == described(client, "/en/releases/2/")["@id"], "which lists its files"
    assert catalog["dataset"]["version"] == "2"


def test_every_file_is_there_with_its_size_and_checksum(client: Client, release: Release) -> None:
    files = described(client, "/en/downloads/")["distribution"]
    assert {"coverage.csv", "indicators.csv", "programmes.csv", "datapackage.json", "qamtu-1.zip"} <= {
        file["name"] for file in files
    }
    for file in files:
        response = client.get(file["contentUrl"].removeprefix(SITE))
        assert response.status_code == 200
        assert hashlib.sha256(response.content).hexdigest() == file["sha256"]
        assert file["contentSize"] == f"{len(response.content)} B"
        assert response["Content-Type"].partition(";")[0] == file["encodingFormat"]


def test_a_correction_and_generated_data_say_so(
    client: Client, release: Release, demonstration: None
) -> None:
    make_release(corrects=release, correction_reason="</script><script>alert(1)")
    shown = client.get("/en/releases/2/").content.decode()
    assert "</script><script>alert" not in shown
    dataset = described(client, "/en/releases/2/")
    assert dataset["description"].startswith(
        "Demonstration data. Corrects release 1: </script><script>alert(1)"
    )
    assert dataset["creativeWorkStatus"] == "Demonstration data"
    assert "creativeWorkStatus" not in described(client, "/en/releases/1/")


def test_other_pages_describe_no_data(client: Client, release: Release) -> None:
    assert "ld+json" not in client.get("/en/institutions/").content.decode()
