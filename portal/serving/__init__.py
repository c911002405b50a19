"""`guardianflow up`: web server, worker and MLflow's UI as one tree of processes."""
