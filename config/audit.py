"""What a release is made of, and whether anything of it has a known fault: `make audit`.

Writes the list in CycloneDX from the lock alone, then has pip-audit ask for advisories. Whatever could not be asked
about is a failure, too: silence is no answer.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"production": ROOT / "requirements/production.txt", "development": ROOT / "requirements/dev.txt"}
BILL = ROOT / "sbom.cdx.json"
PINNED = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

OK, VULNERABLE, UNKNOWN = 0, 1, 2


def components(lock: str) -> list[Component]:
    """Each pinned package with the hashes of the files that may be installed for it."""
    found = []
    for block in re.split(r"\n(?=\S)", lock):  # what belongs to a package is indented
        pinned = PINNED.match(block)
        if pinned is None:
            continue
        name, version = pinned.groups()
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=one) for one in HASH.findall(block)]
        there = ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(f"https://pypi.org/simple/{name}/"),
            hashes=hashes,
        )
        address = PackageURL("pypi", name=name, version=version)
        found.append(
            Component(
                name=name,
                version=version,
                type=ComponentType.LIBRARY,
                purl=address,
                bom_ref=str(address),
                external_references=[there],
            )
        )
    return found


def bill() -> str:
    """CycloneDX 1.6 of what a server installs."""
    program = Component(name="qamtu", type=ComponentType.APPLICATION, bom_ref="qamtu")
    parts = components(LOCKS["production"].read_text("utf-8"))
    made_of = Bom(components=parts)
    made_of.metadata.component = program
    made_of.register_dependency(program, parts)
    return JsonV1Dot6(made_of).output_as_string(indent=2)


def ask(lock: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", str(lock), "-f", "json",
               "--progress-spinner", "off", "--desc", "off"]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=False)


def judge(answer: str) -> tuple[int, list[str]]:
    """What pip-audit's JSON comes to, in sentences."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return UNKNOWN, ["The advisory service gave no answer."]
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for one in packages
        for fault in one.get("vulns", ())
    ]
    if faults:
        return VULNERABLE, faults
    unasked = sorted(one["name"] for one in packages if "skip_reason" in one)
    if unasked or not packages:
        return UNKNOWN, [
            f"Nothing is known of {len(unasked)} of {len(packages)} packages: {', '.join(unasked[:5])} …"
        ]
    return OK, [f"{len(packages)} packages, none with a known fault."]


def main() -> int:
    BILL.write_text(bill(), "utf-8")
    print(f"{BILL.relative_to(ROOT)}: what a release is made of.")
    worst = OK
    for name, lock in LOCKS.items():
        done = ask(lock)
        result, sentences = judge(done.stdout)
        print("\n".join(f"{name}: {sentence}" for sentence in sentences))
        if result == UNKNOWN:
            print(f"{name}: NOT AUDITED. pypi.org could not be asked; try again where it can be reached.")
            print(done.stderr.strip()[-500:], file=sys.stderr)
        worst = VULNERABLE if VULNERABLE in (worst, result) else max(worst, result)
    return worst


if __name__ == "__main__":
    sys.exit(main())
