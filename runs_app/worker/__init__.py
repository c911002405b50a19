"""The processes of a worker: a parent, the django-q cluster and the ticker."""
