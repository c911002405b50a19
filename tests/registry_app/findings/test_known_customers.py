"""What people call a customer is known to the next scan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from registry_app.choices import Confidence, FieldSource
from registry_app.document.reader import load
from registry_app.findings.customers import with_known_customers
from registry_app.findings.known_customers import known_customers
from registry_app.findings.store import store
from registry_app.inference.site.spellings import KnownCustomer
from registry_app.models import Customer, Experiment, FieldProvenance, ScanJob, Site, Zone
from registry_app.reading import messages_text
from registry_app.scan.run import scan
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.GUARDIANFLOW_ROOTS = [tmp_path]
    return tmp_path


def make_directory(root: Path, name: str, note: str = "") -> None:
    (root / name).mkdir()
    (root / name / "train.py").write_text("if __name__ == '__main__':\n    train()\n")
    if note:
        (root / name / "README.md").write_text(note)


def customer_of(name: str) -> str:
    zone = Experiment.objects.get(name=name).zone
    return zone.site.customer.name if zone else ""


def test_a_scan_gets_every_customer_in_a_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Customer.objects.create(name="")  # not known yet
    for number in range(5):
        row = Customer.objects.create(
            name=f"customer{number}", display_name="동화엔텍", aliases=["DHE"]
        )
        site = Site.objects.create(customer=row, region="busan")
        Zone.objects.create(site=site, name="welding")
    with django_assert_num_queries(5):
        found = known_customers()
    assert found[0] == KnownCustomer(
        name="customer0",
        spellings=("동화엔텍", "DHE"),
        regions=("busan",),
        zones=("welding",),
    )
    assert len(found) == 5


def rescan(root: Path) -> None:
    store(with_known_customers(scan([root]), known_customers()))


def test_one_scan_joins_what_it_finds_under_several_spellings(root: Path) -> None:
    make_directory(root, "donghwa-entec-busan-ppe")
    make_directory(root, "동화엔텍_낙상_v2")
    make_directory(root, "exp7", note="# (주)동화엔텍 안전모")
    make_directory(root, "pyramid-fall")  # guessed once, so nothing is made of it
    make_directory(root, "exp8", note="a pyramid")
    rescan(root)
    names = ("donghwa-entec-busan-ppe", "동화엔텍_낙상_v2", "exp7")
    assert {customer_of(name) for name in names} == {"donghwa-entec"}
    assert customer_of("exp8") == ""
    assert not Customer.objects.filter(name="동화엔텍").exists()


def test_an_alias_joins_what_sounds_different(root: Path) -> None:
    make_directory(root, "donghwa-entec-busan-ppe")
    make_directory(root, "DHE_fall_v2")
    rescan(root)
    assert customer_of("DHE_fall_v2") == ""
    Customer.objects.filter(name="donghwa-entec").update(aliases=["DHE"])
    rescan(root)
    assert customer_of("DHE_fall_v2") == "donghwa-entec"


def confidence_of(name: str, field: str = "site.customer") -> str:
    return FieldProvenance.objects.get(experiment__name=name, field=field).confidence


def test_an_unsure_place_does_not_become_known_by_being_stored(root: Path) -> None:
    make_directory(root, "hanwha-geoje-lanyard_export")
    rescan(root)
    rescan(root)
    assert confidence_of("hanwha-geoje-lanyard_export", "site.zone") == Confidence.UNSURE


def test_an_unsure_place_that_a_second_directory_names_is_known(root: Path) -> None:
    make_directory(root, "hanwha-geoje-lanyard_export")
    make_directory(root, "hanwha-geoje-export-ppe")
    rescan(root)
    rescan(root)
    assert confidence_of("hanwha-geoje-lanyard_export", "site.zone") == Confidence.LIKELY


def test_a_place_that_a_person_confirmed_is_known(root: Path) -> None:
    make_directory(root, "hanwha-geoje-lanyard_export")
    rescan(root)
    FieldProvenance.objects.filter(field="site.zone").update(source=FieldSource.CURATED)
    [hanwha] = known_customers()
    assert hanwha.zones == ("export",)


def test_a_place_that_was_registered_ahead_is_known(root: Path) -> None:
    make_directory(root, "hanwha-geoje-lanyard_export")
    rescan(root)
    site = Site.objects.get(customer__name="hanwha")
    Zone.objects.create(site=site, name="dock")
    [hanwha] = known_customers()
    assert (hanwha.regions, hanwha.zones) == (("geoje",), ("dock",))


def test_a_customer_that_one_name_alone_suggests_is_never_sure(root: Path) -> None:
    make_directory(root, "posco-gwangyang-ppe")
    rescan(root)
    rescan(root)  # its own row in the registry is no confirmation
    assert confidence_of("posco-gwangyang-ppe") == Confidence.LIKELY
    make_directory(root, "posco-pohang-fire")
    rescan(root)
    assert confidence_of("posco-gwangyang-ppe") == Confidence.SURE


def reasons_of(name: str) -> str:
    row = FieldProvenance.objects.get(experiment__name=name, field="site.customer")
    return messages_text(row.reasons)


def test_a_customer_that_only_the_scan_found_is_not_called_known(root: Path) -> None:
    make_directory(root, "donghwa-entec-busan-ppe")
    before_place = "이름에서 장소 앞에 있음, 아직 확인한 사람이 없음"
    for _scan in ("first", "second"):
        rescan(root)
        with override("ko"):
            assert reasons_of("donghwa-entec-busan-ppe") == before_place
    make_directory(root, "exp7", note="# Donghwa Entec helmets")
    make_directory(root, "exp8", note="# (주)동화엔텍 안전모")
    rescan(root)
    guessed = "다른 디렉터리의 이름으로 추정한 고객사 donghwa-entec"
    with override("ko"):
        assert reasons_of("exp7") == f"“Donghwa Entec”: {guessed}"
        assert reasons_of("exp8") == f"“동화엔텍”: {guessed}의 표기와 발음이 비슷함"
    Customer.objects.filter(name="donghwa-entec").update(display_name="동화엔텍")
    rescan(root)
    with override("ko"):
        assert reasons_of("exp8") == "“동화엔텍”: 알려진 고객사 donghwa-entec의 표기"


def test_a_customer_with_a_name_to_show_was_confirmed(root: Path) -> None:
    make_directory(root, "posco-gwangyang-ppe")
    rescan(root)
    Customer.objects.filter(name="posco").update(display_name="포스코")
    rescan(root)
    assert confidence_of("posco-gwangyang-ppe") == Confidence.SURE


def test_aliases_are_edited_one_a_line(admin_client: Client) -> None:
    row = Customer.objects.create(name="donghwa-entec")
    address = reverse("admin:registry_app_customer_change", args=[row.pk])
    sites = {f"sites-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    data = {"name": row.name, "display_name": "동화엔텍", "aliases": "DHE\n동화 엔텍\n"}
    answer = admin_client.post(address, sites | data)
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.aliases == ["DHE", "동화 엔텍"]
    assert "DHE" in admin_client.get(address).content.decode()


def test_a_file_may_say_aliases_alone() -> None:
    document = load(b"customers:\n  kcc:\n    aliases: [\xec\xbc\x80]\nexperiments: {}\n")
    [customer] = document.customers
    assert (customer.display_name, customer.aliases) == (None, ("케",))


def test_a_scan_names_the_neighbours_that_a_new_alias_moved(root: Path, client: Client) -> None:
    make_directory(root, "donghwa-entec-busan-ppe")
    make_directory(root, "DHE_fall_v2")
    rescan(root)
    Customer.objects.filter(name="donghwa-entec").update(aliases=["DHE"])
    summary = store(with_known_customers(scan([root]), known_customers()))
    moved = [(item["name"], item["field"], item["old"], item["new"]) for item in summary["moved"]]
    assert moved == [("DHE_fall_v2", "site.customer", "", "donghwa-entec")]
    job = ScanJob.objects.create(summary=summary, finished_at=timezone.now())
    client.force_login(make_member("Viewer"))
    page = client.get(
        reverse("admin:registry_app_scanjob_change", args=[job.pk]),
        headers={"accept-language": "en"},
    )
    assert "DHE_fall_v2 · Customer: – → donghwa-entec (" in page.text
    assert not store(with_known_customers(scan([root]), known_customers()))["moved"]
