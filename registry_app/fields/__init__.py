"""What can be curated: names of fields, values of rows, completeness, provenance."""
