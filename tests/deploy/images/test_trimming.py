"""Packages without what a channel never loads of them; what is left of Twilio's client still sends a text."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from cloud_cron.channels import find
from cloud_cron.model import AppModel, NotifierModel
from cloud_cron_cli.deploy.dockerfile import loaded, needed
from cloud_cron_cli.deploy.images.installing import install
from cloud_cron_cli.deploy.images.lockfile import Lock
from cloud_cron_cli.deploy.images.requirements import locked
from cloud_cron_cli.deploy.images.trimming import trim
from tests.channels.twilio_server import SECRET, Twilio, serving
from tests.deploy.images.test_requirements import INTEL, project

ROOT = Path(__file__).resolve().parents[3]
FILES = {
    "big/__init__.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from big import typed\n",
    "big/core/__init__.py": "from . import near\nfrom ..beside import thing\n",
    "big/core/near.py": "def later():\n    from big import late\nclass A:\n    import big.inner.deep\n",
    "big/core/data/table.bin": "",
    "big/beside/thing.py": "try:\n    import big.tried\nexcept ImportError:\n    from big.other import x\n",
    "big/inner/__init__.py": "",
    "big/inner/deep.py": "class B:\n    def f(self):\n        import big.late\n",
    "big/tried/__init__.py": "import gone, big.gone\n",
    "big/other/__init__.py": "",
    "big/late/__init__.py": "",
    "big/typed/__init__.py": "",
    "big/unused/__init__.py": "import big.other\n",
    "big/unused/data.txt": "",
    "big-1.dist-info/METADATA": "Name: big\nVersion: 1\nRequires-Dist: dep\nRequires-Dist: big; extra == 'x'\n\nbig",
}


def laid(folder: Path, **more: str) -> Path:
    for name, text in {**FILES, **more}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def folders(folder: Path) -> set[str]:
    return {path.relative_to(folder / "big").as_posix() for path in (folder / "big").rglob("*") if path.is_dir()}


def test_what_the_imports_of_a_module_do_not_reach_is_left_out(tmp_path):
    trim(laid(tmp_path), ["big.core", "big.inner.nothing", "small"])
    assert folders(tmp_path) == {"core", "beside", "inner", "tried", "other"}


def test_a_package_that_another_distribution_requires_stays_whole(tmp_path):
    before = folders(laid(tmp_path, **{"a-1.dist-info/METADATA": "Name: a\nRequires-Dist: Big>=1\n"}))
    trim(tmp_path, ["big.core"])
    trim(tmp_path, [])
    assert folders(tmp_path) == before


@pytest.mark.parametrize(("asked", "there"), [("", False), ("zz-big\n", True)])
def test_an_installed_package_is_trimmed_unless_the_project_asks_for_it(wheelhouse, tmp_path, asked, there):
    wheelhouse.wheel("zz-big", "1", files={"zz_big/core/__init__.py": b"", "zz_big/unused/__init__.py": b""})
    packages = locked(project(tmp_path, asked), ["zz-big"], INTEL, Lock())[0]
    slim = packages.trimmed(["zz_big.core"])
    assert (slim.key == packages.key) is there
    install(slim, tmp_path / "into")
    record = (tmp_path / "into/zz_big-1.dist-info/RECORD").read_text(encoding="utf-8")
    for name, expected in (("core", True), ("unused", there)):
        assert (tmp_path / f"into/zz_big/{name}").is_dir() is expected
        assert (f"zz_big/{name}/" in record) is expected


def test_only_an_app_with_an_sms_notifier_asks_for_what_sends_texts():
    mail, text = (NotifierModel(name, name, topics=("a",)) for name in ("email", "sms"))
    with_texts, without = (AppModel("shop", "templates", (), each) for each in ((mail, text), (mail,)))
    assert {"twilio>=9.3", "phonenumbers>=8.13.40"} <= set(needed(with_texts))
    assert set(find("sms").requirements) & set(needed(without)) == set()
    assert (set(loaded(with_texts)), loaded(without)) == (set(find("sms").modules), [])


SENDS = """
import sys
from types import SimpleNamespace
from datetime import UTC, datetime
sys.path[:0] = [TREE, ROOT]
from cloud_cron.channels import find, numbers, twilio, twilio_line
from cloud_cron.channels.sms import SmsContent, SmsOptions

class Here(twilio_line.Http):
    def request(self, method, url, *place, **more):
        return super().request(method, url.replace("https://api.twilio.com", PLACE), *place, **more)

assert twilio_line.twilio.__file__.startswith(TREE)
numbers.vet("+12025550123", "", ("US",))
clock = SimpleNamespace(now=lambda: datetime.now(UTC))
ports = SimpleNamespace(secrets=SimpleNamespace(get=lambda *_: SECRET), clock=clock)
sender = twilio.TwilioSender(ports, SmsOptions("+12025550100", secret="env:X"), Here)
print(sender.send(SmsContent("Frost", 1), "+12025550123", "k", 10.0).id)
print(*sorted({name.partition(".")[0] for name in sys.modules} & {"aiohttp", "jwt", "requests"}))
"""


@pytest.mark.slow
def test_what_is_left_of_twilios_client_sends_a_text_and_is_a_small_part_of_it(tmp_path):
    before = {}
    for name in ("twilio", "phonenumbers"):
        place = Path(str(distribution(name).locate_file(name)))
        shutil.copytree(place, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        before[name] = megabytes(tmp_path / name)
    for name in ("requests", "urllib3", "certifi", "idna", "charset_normalizer"):
        (tmp_path / name).symlink_to(Path(str(distribution(name.replace("_", "-")).locate_file(name))))
    trim(tmp_path, find("sms").modules)
    assert megabytes(tmp_path / "twilio") < before["twilio"] / 4
    assert megabytes(tmp_path / "phonenumbers") < before["phonenumbers"] / 10

    twilio = Twilio()
    with serving(twilio) as port:
        given = {"TREE": str(tmp_path), "ROOT": str(ROOT), "PLACE": f"http://127.0.0.1:{port}", "SECRET": SECRET}
        source = "".join(f"{name} = {value!r}\n" for name, value in given.items()) + SENDS
        done = subprocess.run([sys.executable, "-I", "-S", "-c", source], capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout.split()) == ("", ["SM" + "0" * 31 + "1", "requests"])
    assert [text["Body"] for text in twilio.texts] == ["Frost"]


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
