// The curves of one or more runs: fetches them, lets the reader choose what is drawn and how, and
// draws it with GuardianFlowChart. `refresh()` of the instance, which `window.GuardianFlowCurves`
// keeps by its box, fetches the curves of runs that are still active again.
"use strict";
window.GuardianFlowCurves = new WeakMap();
document.addEventListener("DOMContentLoaded", () => {
  const SHOWN = 3;
  const TOGETHER = 8;

  // The mean of a value and those before it, the older the lighter.
  const smoothed = (values, weight) => {
    if (!weight) return values;
    let mean = 0;
    let share = 0;
    return values.map((value) => {
      if (value === null) return null;
      mean = mean * weight + value * (1 - weight);
      share = share * weight + (1 - weight);
      return mean / share;
    });
  };

  // Of several values at the same place the last one counts.
  const line = (curve, x) => {
    const [xs, ys] = [[], []];
    curve[x === "step" ? "steps" : "minutes"].forEach((place, at) => {
      if (xs.length && xs[xs.length - 1] >= place) {
        if (xs[xs.length - 1] === place) ys[ys.length - 1] = curve.values[at];
        return;
      }
      xs.push(place);
      ys.push(curve.values[at]);
    });
    return { xs, ys };
  };

  // Metrics of one chart share an axis as long as each keeps at least this share of its height.
  const LEGIBLE = 0.2;

  // Which of several metrics, given as [least, greatest] by key, go to the right axis, and which
  // stay flat on either axis.
  const scalesOf = (spans) => {
    const keys = [...spans.keys()].sort((one, other) => spans.get(one)[1] - spans.get(other)[1]);
    const share = (key, group) => {
      const height = Math.max(...group.map((one) => spans.get(one)[1])) - Math.min(...group.map((one) => spans.get(one)[0]));
      const own = spans.get(key)[1] - spans.get(key)[0];
      // What never changes is a level line, whatever the axis.
      return own && height ? own / height : 1;
    };
    const flat = (group) => group.filter((key) => share(key, group) < LEGIBLE);
    const worst = (groups) => Math.min(...groups.flatMap((group) => group.map((key) => share(key, group))));
    if (!keys.length || !flat(keys).length) return { right: new Set(), flat: [] };
    const splits = keys.slice(1).map((_key, at) => [keys.slice(0, at + 1), keys.slice(at + 1)]);
    const best = splits.reduce((one, other) => (worst(other) > worst(one) ? other : one));
    // The axis of the first metric, the most important one, is the left one.
    const first = spans.keys().next().value;
    return { right: new Set(best.find((group) => !group.includes(first))), flat: best.flatMap(flat) };
  };

  class Curves {
    constructor(box) {
      this.box = box;
      this.data = JSON.parse(box.querySelector("script[type='application/json']").textContent);
      this.words = this.data.words;
      this.part = (name) => box.querySelector(`[data-curve=${name}]`);
      this.found = new Map();
      this.charts = new Map();
      this.chosen = null;
      this.state = { x: "step", smooth: 0, isLog: false, isOne: false, hasEarlier: true, range: null };
      this.listen();
      this.load(this.data.runs.map((run) => run.id));
      new MutationObserver(() => this.charts.forEach((chart) => chart.redraw())).observe(document.documentElement, { attributeFilter: ["class"] });
    }

    listen() {
      this.box.querySelectorAll("[data-x]").forEach((button) => button.addEventListener("click", () => {
        this.box.querySelectorAll("[data-x]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
        this.change({ x: button.dataset.x, range: null });
      }));
      this.part("smooth").addEventListener("input", (event) => this.change({ smooth: Number(event.target.value) / 100 }));
      this.part("log").addEventListener("change", (event) => this.change({ isLog: event.target.checked }));
      this.part("one").addEventListener("change", (event) => this.change({ isOne: event.target.checked }));
      const earlier = this.part("earlier");
      if (earlier) earlier.addEventListener("change", () => this.change({ hasEarlier: earlier.checked }));
      const past = this.part("past");
      if (past) past.addEventListener("change", () => this.showPast(past.checked));
      this.part("whole").addEventListener("click", () => this.change({ range: null }));
      this.part("all").addEventListener("click", () => {
        this.chosen = new Set(this.chosen.size < this.names.size ? this.names.keys() : this.usual());
        this.offer();
        this.change({});
      });
    }

    change(changes) {
      Object.assign(this.state, changes);
      this.part("whole").hidden = !this.state.range;
      this.draw();
    }

    async load(ids) {
      const query = new URLSearchParams(ids.map((id) => ["id", id]));
      const address = `${this.data.url}?${query}`;
      try {
        const answer = this.data.isLive && window.GuardianFlowFresh
          ? await window.GuardianFlowFresh.ask(address)
          : await fetch(address, { credentials: "same-origin" });
        if (!answer.ok) throw new Error(answer.status);
        for (const run of (await answer.json()).runs) this.found.set(run.id, run);
      } catch {
        if (!this.found.size) this.say(this.words.away);
        return;
      }
      this.name();
      this.draw();
    }

    // Results from before the portal are read from the directory when a reader asks for them.
    async showPast(isShown) {
      if (isShown && !this.past) {
        try {
          const answer = await fetch(`${this.data.url}?past=${this.data.past}`, { credentials: "same-origin" });
          if (!answer.ok) throw new Error(answer.status);
          this.past = (await answer.json()).past;
        } catch {
          this.part("past-note").textContent = this.words.away;
          return;
        }
        for (const found of this.past) this.found.set(found.id, found);
        if (!this.past.length) this.part("past-note").textContent = this.words.noPast;
      }
      this.data.runs = this.data.runs.filter((run) => !String(run.id).startsWith("past "));
      if (isShown) this.data.runs.push(...this.past.map(({ id, label }) => ({ id, label, role: "earlier", isPast: true })));
      this.draw();
    }

    // Fetches what is new of the runs that are still active.
    refresh() {
      const active = [...this.found.values()].filter((run) => run.isActive).map((run) => run.id);
      return active.length ? this.load(active) : Promise.resolve();
    }

    // How much the runs that go on have written, by run: another value means another table of metrics.
    bytes() {
      return [...this.found.values()].filter((run) => run.isActive).map((run) => [run.id, run.bytes]);
    }

    // All metrics by key: those of the run that the page is about, else those of all runs.
    name() {
      const before = this.names ? [...this.names.keys()].join("\n") : null;
      this.names = new Map();
      // A single value is no curve, except while more may come.
      const isCurve = (curve, run) => curve.values.length > 1 || run.isActive;
      const own = this.data.runs.filter((run) => run.role === "this");
      for (const { id } of own.length ? own : this.data.runs) {
        const run = this.found.get(id) || { curves: [] };
        for (const curve of run.curves) {
          if (!this.names.has(curve.key) && isCurve(curve, run)) this.names.set(curve.key, curve);
        }
      }
      if (before === [...this.names.keys()].join("\n")) return;
      if (!this.chosen || !this.touched) this.chosen = new Set(this.usual());
      this.offer();
    }

    // The main metric, the next one and the first that should fall: a loss.
    usual() {
      // The log says the values of the table again, rounded.
      const ends = new Set();
      const isNew = (curve) => {
        const end = Number(curve.values[curve.values.length - 1]).toPrecision(3);
        return !ends.has(end) && ends.add(end);
      };
      const all = [...this.names.values()].filter(isNew);
      const losses = all.filter((curve) => curve.isLower && curve !== all[0]);
      const first = all.filter((curve) => !losses.slice(0, 1).includes(curve)).slice(0, losses.length ? SHOWN - 1 : SHOWN);
      return [...first, ...losses.slice(0, 1)].map((curve) => curve.key);
    }

    offer() {
      const list = this.part("metrics");
      list.replaceChildren(...[...this.names.values()].map((curve) => {
        const label = document.createElement("label");
        const tick = Object.assign(document.createElement("input"), { type: "checkbox", checked: this.chosen.has(curve.key) });
        tick.addEventListener("change", () => {
          this.touched = true;
          if (tick.checked) this.chosen.add(curve.key);
          else this.chosen.delete(curve.key);
          this.change({});
        });
        label.append(tick, ` ${curve.name}`);
        return label;
      }));
      const all = this.part("all");
      const isAll = this.chosen.size >= this.names.size;
      all.textContent = isAll ? this.words.few : this.words.all.replace("{count}", this.names.size);
      all.hidden = this.names.size <= SHOWN;
      this.part("tools").hidden = !this.names.size;
    }

    lines(key, { names_metric: namesMetric = false, place = 0 } = {}) {
      const isBeside = (run) => run.role === "earlier" || run.role === "best";
      const runs = this.data.runs.filter((run) => !isBeside(run) || (!namesMetric && (run.role === "best" || run.isPast || this.state.hasEarlier)));
      // The run that the page is about is drawn last, above the others.
      const rank = { earlier: 0, best: 1, one: 2, this: 3 };
      const found = [];
      for (const run of [...runs].sort((one, other) => rank[one.role] - rank[other.role])) {
        const curve = (this.found.get(run.id) || { curves: [] }).curves.find((one) => one.key === key);
        if (!curve) continue;
        const raw = line(curve, this.state.x);
        const own = namesMetric
          ? { role: "one", place: place + found.length, label: runs.length > 1 ? `${run.label} ${curve.short}` : curve.short }
          : { role: run.role, place: this.data.runs.indexOf(run), label: run.label };
        if (this.state.smooth && !isBeside(run) && !namesMetric) found.push({ ...own, ...raw, label: `${own.label} (${this.words.raw})`, faint: true });
        found.push({ ...own, ...raw, ys: smoothed(raw.ys, this.state.smooth), unit: curve.unit });
      }
      return found;
    }

    draw() {
      const keys = [...this.names.keys()].filter((key) => this.chosen.has(key));
      const shown = this.state.isOne && keys.length ? ["together"] : keys;
      for (const [key, chart] of [...this.charts]) {
        if (shown.includes(key)) continue;
        chart.remove();
        this.charts.delete(key);
      }
      this.say(this.names.size ? "" : this.words.none);
      const area = this.part("charts");
      area.classList.toggle("gfc-single", shown.length === 1);
      const { x, range, isLog } = this.state;
      shown.forEach((key, place) => {
        const curve = this.names.get(key);
        if (!this.charts.has(key)) {
          const box = document.createElement("div");
          this.charts.set(key, new window.GuardianFlowChart(box, {
            title: curve ? curve.short : "", words: this.words, onRange: (wanted) => this.change({ range: wanted }),
          }));
        }
        const chart = this.charts.get(key);
        // Moving an element would take the focus from it.
        if (area.children[place] !== chart.box) area.insertBefore(chart.box, area.children[place] || null);
        if (curve) chart.show({ lines: this.lines(key), x, range, isLog, unit: curve.unit });
        else this.together(chart, keys.slice(0, TOGETHER));
      });
    }

    // Several metrics in one chart: each has a colour, and values are drawn as they are, on one
    // axis if that shows them all, else on two.
    together(chart, keys) {
      const { x, range, isLog } = this.state;
      const drawn = new Map();
      const spans = new Map();
      let place = 0;
      for (const key of keys) {
        const lines = this.lines(key, { names_metric: true, place });
        place += lines.length;
        drawn.set(key, lines);
        const found = window.GuardianFlowChart.span(lines, range, isLog);
        if (found) spans.set(key, found);
      }
      // A logarithmic axis has room for all sizes.
      const { right, flat } = isLog ? { right: new Set(), flat: [] } : scalesOf(spans);
      const lines = [...drawn].flatMap(([key, some]) => some.map((one) => ({ ...one, scale: right.has(key) ? "right" : "y" })));
      const title = keys.map((key) => this.names.get(key).short).join(", ");
      chart.show({ lines, x, range, isLog, unit: "", title, hasLegend: true });
      const names = flat.map((key) => this.names.get(key).short).join(", ");
      const left = this.chosen.size - keys.length;
      this.say([
        names && this.words.flat.replace("{metrics}", names),
        left > 0 && this.words.left.replace("{count}", left),
      ].filter(Boolean).join(" "));
    }

    say(text) {
      const note = this.part("note");
      note.textContent = text;
      note.hidden = !text;
    }
  }

  document.querySelectorAll("[data-curves]").forEach((box) => window.GuardianFlowCurves.set(box, new Curves(box)));
});
