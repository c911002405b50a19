"""If two users have one page open, the second is warned before anything is lost."""

from __future__ import annotations

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from registry_app.admin.stale import mark_of
from registry_app.models import Customer, Site, Zone
from tests.factories import make_member, make_zone
from tests.permissions.entries import Data
from tests.stories.browser import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixer() -> Zone:
    return make_zone()


@pytest.fixture
def jiwoo(client: Client) -> Client:
    client.force_login(make_member("PM", "jiwoo"))
    return client


@pytest.fixture
def sujin() -> Client:
    client = Client()
    client.force_login(make_member("PM", "sujin"))
    return client


def opened(person: Client, row: Model) -> tuple[str, Data]:
    """Open the page of a row; return its address and what its form would send."""
    address = reverse(f"admin:registry_app_{row._meta.model_name}_change", args=[row.pk])
    return address, read(address, person.get(address).text)


def read(address: str, text: str) -> Data:
    form = Page(status=200, url=address, text=text, headers={}).form("seen")
    return {**dict(form.fields), "_save": "Save"}


@pytest.mark.parametrize(
    ("name", "field"), [("customer", "display_name"), ("site", "region"), ("zone", "name")]
)
def test_the_second_to_save_a_place_learns_who_was_first(
    jiwoo: Client, sujin: Client, mixer: Zone, name: str, field: str
) -> None:
    row = {"customer": mixer.site.customer, "site": mixer.site, "zone": mixer}[name]
    address, mine = opened(jiwoo, row)
    _same, theirs = opened(sujin, row)
    assert sujin.post(address, theirs | {field: "of-sujin"}).status_code == 302
    refused = jiwoo.post(address, mine | {field: "of-jiwoo"})
    assert "sujin changed this after you opened it. Nothing was saved." in refused.text
    row.refresh_from_db()
    assert getattr(row, field) == "of-sujin"
    again = read(address, refused.text)
    assert again[field] == "of-jiwoo"
    assert jiwoo.post(address, again).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == "of-jiwoo"


def test_a_site_changed_on_its_own_page_makes_its_customers_page_stale(
    jiwoo: Client, sujin: Client, mixer: Zone
) -> None:
    address, mine = opened(jiwoo, mixer.site.customer)
    site, theirs = opened(sujin, mixer.site)
    assert sujin.post(site, theirs | {"region": "yeosu"}).status_code == 302
    assert "sujin changed this after" in jiwoo.post(address, mine | {"sites-0-plant": "9"}).text
    mixer.site.refresh_from_db()
    assert (mixer.site.region, mixer.site.plant) == ("yeosu", "plant1")


def test_what_lies_elsewhere_makes_no_page_stale(jiwoo: Client, mixer: Zone) -> None:
    address, mine = opened(jiwoo, mixer.site.customer)
    make_zone("donghwa", "busan", "plant2", "welding")
    mixer.name = "silo"
    mixer.save()  # a zone is not on the page of its customer
    assert jiwoo.post(address, mine | {"display_name": "Sampyo"}).status_code == 302


def test_the_mark_follows_whatever_is_added_changed_or_removed(mixer: Zone) -> None:
    customer, parts = mixer.site.customer, ((Site, "customer_id"),)
    marks = [mark_of(Customer, customer.pk, parts)]
    other = Site.objects.create(customer=customer, region="busan")
    marks.append(mark_of(Customer, customer.pk, parts))
    other.plant = "plant9"
    other.save()
    marks.append(mark_of(Customer, customer.pk, parts))
    other.delete()
    marks.append(mark_of(Customer, customer.pk, parts))
    customer.display_name = "Sampyo"
    customer.save()
    marks.append(mark_of(Customer, customer.pk, parts))
    # Removed again, the site leaves the page as it was before.
    assert len(set(marks)) == 4
    assert marks[3] == marks[0]
