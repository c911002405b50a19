"""Everything that talks to MLflow: the only package that may import it.

`record` fixes what is to be sent, `outbox` retries until it has arrived, `writer` and `client`
call the server, and the `*_names` and `*_keys` modules choose names in MLflow.
"""
