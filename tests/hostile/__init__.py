"""Requests that no page of the portal makes: each gets an answer, and none a 500."""
