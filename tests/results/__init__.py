"""Scripts as people write them are run; the portal and MLflow have the numbers that they "
"reported."""
