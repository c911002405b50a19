"""Flat tables of the registry as CSV and XLSX: written row by row, read into a document."""

from registry_app.resources.experiments import EntryPointResource, ExperimentResource
from registry_app.resources.places import CustomerResource, SiteResource, ZoneResource

__all__ = [
    "CustomerResource",
    "EntryPointResource",
    "ExperimentResource",
    "SiteResource",
    "ZoneResource",
]
