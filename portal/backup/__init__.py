"""`guardianflow backup` and `restore`: one archive of database, runs and the MLflow store."""
