"""Registry files as people write them, each with another habit of YAML."""

from __future__ import annotations

_PLAIN = """\
# The registry of Donghwa Entec. Ask Jiwoo before renaming.
experiments:
  # the oldest
  bct:
    path: ~/experiments/bct  # on the NAS
    site:
      customer: donghwa  # the old name
      zone: welding
    owner: 지우
    notes: needs a new camera

  donghwa-ppe:   # the one that is sold
    path: ~/experiments/donghwa-ppe
    task:
      type: ppe
      classes: [headgear, harness, hook]
    entry_points:
      train:
        default: train.py
        patterns: ["train*.py"]
        args_template: "--epochs {epochs}"
        resources:
          timeout_s: 3600
    stage: 2
  # the newest
  fall:
    path: ~/experiments/fall
    aliases: [낙상, falling]
"""

_LARGE_ENTRY = """\
  site-{number:04}-ppe:
    path: ~/experiments/site-{number:04}-ppe
    site:
      customer: site-{number:04}
      region: busan
      plant: plant1
      zone: welding  # hall {number}
    task:
      type: ppe
      classes: [headgear, harness, hook]
    entry_points:
      train:
        default: train.py
        patterns: ["train*.py"]
        args_template: "--epochs {{epochs}}"
    owner: jiwoo
"""


def large(count: int) -> str:
    """Return a file of so many experiments, of 16 lines each."""
    return "experiments:\n" + "".join(_LARGE_ENTRY.format(number=item) for item in range(count))


TEXTS: dict[str, str] = {
    "comments": _PLAIN,
    "windows": _PLAIN.replace("\n", "\r\n"),
    "mark": "\ufeff" + _PLAIN,
    "windows mark": "\ufeff" + _PLAIN.replace("\n", "\r\n"),
    "no last newline": _PLAIN.rstrip("\n"),
    "document marks": f"%YAML 1.1\n---\n{_PLAIN}...\n",
    "flow mappings": """\
experiments:
  a: {path: a, owner: jiwoo, task: {type: ppe, classes: [x, y]}}  # short
  b: {path: b, site: {customer: donghwa, zone: ""}, stage: 2}
  c: {
    path: c, owner: sujin,
    notes: "in lines"
  }
""",
    "flow lists in lines": """\
experiments:
  a:
    path: a
    task:
      classes: [
        headgear,  # red
        harness,
        hook  # also a carabiner
      ]
    aliases: [one, two,
              three]
    owner: jiwoo
  b:
    path: b
    aliases: [
      one,
      two,
    ]
""",
    "flush lists": """\
experiments:
  a:
    path: a
    task:
      type: ppe
      classes:
      - headgear  # red
      # the next is hard to see
      - harness
      - hook
    aliases:
    - one
  b:
    path: b
    aliases:
    - "1"
    - 'two: three'
""",
    "deep lists": """\
experiments:
  a:
      path: a
      task:
          type: ppe
          classes:
              - headgear
              - harness   # the belt
              - hook
      aliases:
          - one
          -   two
  b:
      path: b
""",
    "quotes": """\
experiments:
  'a':
    'path': 'a'
    "owner": "ji\\"woo"
    notes: 'it''s here'
    site: {customer: 'donghwa', "zone": "welding"}
  "b: c":
    path: "b"
    stage: 3
    aliases: ["x", 'y', z]
""",
    "block scalars": """\
experiments:
  a:
    path: a
    notes: |  # what was agreed
      first line

      third line  
    owner: jiwoo
  b:
    path: b
    notes: >-
      folded
      text

    owner: sujin
  c:
    path: c
    notes: |+
      with its end


    owner: minsu
  d:
    path: d
    notes: |2-
        leading blanks
      and less
  e:
    path: e
    notes: |
      # no comment
      last: line
""",
    "last is a block": """\
experiments:
  a:
    path: a
    notes: |
      first
      second""",
    "last keeps its end": "experiments:\n  a:\n    path: a\n    notes: |+\n      one\n\n\n",
    "several lines": """\
experiments:
  a:
    path: a
    owner: a text
      over two lines  # end
    notes: "quoted
      over \\
      three"
  b:
    path: b
    notes: 'single

      with a gap'
    stage: 1
""",
    "look-alikes": """\
experiments:
  "1":
    path: one
    owner: "123"
  01:
    path: two
    owner: 0x1F
    notes: "yes"
  yes:
    path: three
    stage: 2
    notes: 12:30
  "Yes":
    path: four
    notes: "null"
  2026-01-02:
    path: five
    owner: ~
    notes: 1_000
""",
    "korean": """\
experiments:
  동화-용접:
    path: ~/실험/동화 용접
    site: {customer: 동화엔텍, region: 부산}
    owner: 지우
    task:
      classes: [안전모, '안전 벨트', 고리]
    notes: 새 카메라 필요 😀
  😀:
    path: ~/실험/웃음
""",
    "nulls": """\
experiments:
  a:
    path: a
    owner:
    notes:   # to be written
    site:
    # the task is open
    task: {type: , classes: []}
    aliases: []
  b:
    path: b
    owner: ""
    stage: null
    site: {}
    entry_points:
""",
    "parameters": """\
experiments:
  a:
    path: a
    entry_points:
      train:
        default: train.py
        parameters:
        - name: epochs  # as in the paper
          flag: --epochs
          type: int
          default: 100
        - name: size
          flag: --size
          choices: [s, m, l]
        # for the GPU of plant 2
        - {name: batch, flag: --batch, type: int}
    owner: jiwoo
  b:
    path: b
    entry_points:
      infer:
        parameters: [{name: w, flag: -w}]
""",
    "aligned columns": """\
experiments:
    a:
        path  :   a      
        owner :   jiwoo  # who
        notes :   x      
    b:
        path  :   b
        stage :   2      
""",
    "explicit keys": """\
experiments:
  ? a
  : path: a
    owner: jiwoo
  b:
    ? path
    : b
    ? owner
    : sujin
    notes: x
""",
    "tags": """\
experiments:
  a:
    path: !!str a
    owner: !!str 12
    stage: !!int "3"
    task: !!map
      type: ppe
      classes: !!seq [a, b]
    notes: !!str |
      text
  b: !!map {path: b}
""",
    "customers": """\
customers:
  donghwa:
    display_name: 동화엔텍  # as in the contract
    aliases: [DHE]

experiments:
  b:
    path: b
  a:
    path: a
    site: {customer: donghwa}
    owner: jiwoo
""",
    "odd comments": """\
# one

experiments:
        # far in
  a:
# at the margin
    path: a
      # deeper than the key
    owner: jiwoo
        # deeper still

    notes: x
    # at the level
  # end of a
  b:
    path: b
    notes: "# no comment"
    aliases: ['#1', "a #2"]
# the end
""",
    "unsorted": """\
experiments:
  zebra: {path: z}
  apple:
    stage: 2
    path: a
    notes: odd order
  mango:
    path: m
""",
    "tabs": "experiments:\n  a:\n    path: a\t# behind a tab\n    owner: jiwoo \t # x\n",
    "thousand": large(1000),
    "empty": "experiments: {}  # none yet\n",
}
# What an import refuses, with a line; so does an export into it.
REFUSED: dict[str, tuple[str, int]] = {
    "anchors": ("experiments:\n  a:\n    path: a\n    owner: &who jiwoo\n  b: {owner: *who}\n", 4),
    "merge keys": ("experiments:\n  a: &base\n    path: a\n  b:\n    <<: *base\n", 2),
    "own tags": ("experiments:\n  a:\n    path: a\n    owner: !person jiwoo\n", 4),
}
