"""The part of a run that knows neither Django nor MLflow: folders, processes, files, numbers."""
