"""Runs as detached supervisors on this machine, with its slots and its GPUs.

Only `executors.chosen` imports this package. `executor` is the executor; `devices` queries NVIDIA's
driver, and `gpu_memory` reports which run holds what.
"""
