"""Run sets: batches, grids of values, scenarios and linear chains, as one thing.

- `schedules`: what is started by the clock
- `from_file`: what a file of the core repository says, started
- `starting`: queue what a file or a form requests, once
- `plan`: the exact command of each member, or why it is refused
- `definitions`, `places`: `scenario/*.yaml` and `pipelines/*.yaml`, and where they are read from
- `grid`: small products of values
- `tick`, `changing`: what moves a set on; cancel and resume
- `resuming`: whether a chain can be resumed, and which changed commands are read before
- `binding`: which kept files of earlier steps a step gets
- `spec`: a request as it is stored

`tick` may be called at any time, by any process, as often as one likes: it changes rows only in
one transaction that holds the row of the set. See docs/decisions for why.
"""
