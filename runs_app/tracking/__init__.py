"""Everything that talks to MLflow: the only package that may import it.

`record` fixes what is to be sent, `outbox` sends it again until it has arrived, `writer` and
`client` speak to the server, `names` and its neighbours choose names there.
"""
