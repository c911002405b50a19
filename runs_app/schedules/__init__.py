"""Starts runs, scans, syncs, scenarios and pipelines at the times of their schedules.

`times` reads cron lines, `starting` starts one schedule with the rights of its owner, `fire` does
both for every schedule that is due.
"""
