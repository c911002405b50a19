"""Where experiments stand: stage, last good run, best metric, what fails. For many at once.

- `standing`: the state of each experiment, in two queries however many there are
- `cell`, `matrix`: customers and sites against tasks
- `stages`: how many experiments are at which stage
- `queue`: which runs wait, in their order
- `failures`: what failed, by cause
"""
