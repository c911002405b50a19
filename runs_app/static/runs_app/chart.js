// Draws lines over steps or minutes with uPlot: a canvas with a name, an axis, and a line of text
// with the values at the cursor. Everything that a mouse can do, a key can do.
//
//   const chart = new GuardianFlowChart(box, { title, words, onRange });
//   chart.show({ lines: [{ label, role, place, xs, ys, faint, scale }], x, range, isLog, unit, hasLegend });
//
// `role` is "this", "best", "earlier" or "one"; lines of the role "one" get a colour and dashes by
// their `place`. `xs` ascend; a missing value is null. `range` is [from, to], or null for all.
// `scale` is "y", the left axis and the usual one, or "right". The legend says what each axis spans.
"use strict";
window.GuardianFlowChart = (() => {
  const HEIGHT = 168;
  const FONT = '11px Inter, Pretendard, "Noto Sans KR", "Malgun Gothic", sans-serif';
  const DASHES = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2], [12, 4], [1, 4], [8, 2, 1, 2, 1, 2], [14, 3, 6, 3], [3, 6]];
  const COLOURS = 10;
  const ZOOM = 0.6;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const isDark = () => document.documentElement.classList.contains("dark");

  const number = (value) => {
    const size = Math.abs(value);
    if (size >= 0.001 && size <= 1) return value.toFixed(3);
    if (size >= 1000 && size < 1e7) return value.toFixed(0);
    return String(Number(value.toPrecision(4)));
  };

  const strokeOf = (line) => {
    const theme = isDark() ? "dark" : "light";
    if (line.role === "one") return style(`--gf-line-${theme}-${line.place % COLOURS}`);
    return style(`--gf-line-${theme}-${line.role}`);
  };

  const seriesOf = (line) => ({
    label: line.label,
    stroke: () => (line.faint ? `color-mix(in srgb, ${strokeOf(line)} 35%, transparent)` : strokeOf(line)),
    width: { this: 2.2, one: 2, best: 1.8 }[line.role] / (line.faint ? 2 : 1) || 1,
    dash: line.role === "best" ? [6, 4] : line.role === "one" ? DASHES[line.place % DASHES.length] : undefined,
    points: { show: line.xs.length < 2 },
    spanGaps: false,
    scale: line.scale || "y",
  });

  const LEFT = "y";
  const RIGHT = "right";
  const on = (lines, scale) => lines.filter((line) => (line.scale || LEFT) === scale);

  // A line as the legend draws it.
  const keyOf = (line) => {
    const item = document.createElement("li");
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.setAttribute("viewBox", "0 0 22 6");
    picture.setAttribute("class", line.role === "one" ? `gfc-key gfc-${line.place % COLOURS}` : `gfc-key gfc-${line.role}`);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M0 3h22");
    picture.append(path);
    item.append(picture, line.label);
    return item;
  };

  // The least and the greatest value that an axis has room for; null without any. The first tenth
  // of a long training is far away from the rest, and would flatten it.
  const LONG = 30;
  const span = (lines, range, isLog) => {
    let least = Infinity;
    let greatest = -Infinity;
    for (const line of lines) {
      const skipped = range || isLog || line.xs.length < LONG ? 0 : Math.floor(line.xs.length / 10);
      line.ys.forEach((value, at) => {
        if (value === null || at < skipped || (isLog && value <= 0)) return;
        if (range && (line.xs[at] < range[0] || line.xs[at] > range[1])) return;
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      });
    }
    return least > greatest ? null : [least, greatest];
  };

  const limits = (lines, range, isLog) => {
    const found = span(lines, range, isLog);
    if (!found) return isLog ? [0.1, 1] : [0, 1];
    const [least, greatest] = found;
    if (isLog) return [least / 1.1, greatest * 1.1];
    const room = (greatest - least || Math.abs(greatest) || 1) * 0.06;
    return [least - room, greatest + room];
  };

  return class Chart {
    static span = span;

    constructor(box, { title, words, onRange }) {
      this.box = box;
      this.words = words;
      this.onRange = onRange;
      this.at = null;
      box.classList.add("gfc-chart");
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      const head = document.createElement("div");
      head.className = "gfc-head";
      this.name = Object.assign(document.createElement("b"), { textContent: title });
      this.said = document.createElement("output");
      head.append(this.name, this.said);
      this.plot = document.createElement("div");
      this.plot.className = "gfc-plot";
      this.plot.setAttribute("aria-hidden", "true");
      this.legend = document.createElement("ul");
      this.legend.className = "gfc-legend";
      box.append(head, this.legend, this.plot);
      box.addEventListener("keydown", (event) => this.key(event));
      box.addEventListener("blur", () => this.rest());
      this.watcher = new ResizeObserver(() => this.fit());
      this.watcher.observe(this.plot);
    }

    show({ lines, x, range, isLog, unit, title, hasLegend }) {
      if (title) this.name.textContent = title;
      this.name.title = this.name.textContent;
      Object.assign(this, { lines, x, range, isLog, unit });
      this.legend.replaceChildren(...(hasLegend ? this.keys() : []));
      const shape = JSON.stringify([x, isLog, lines.map((line) => [line.label, line.role, line.place, Boolean(line.faint), line.xs.length < 2, line.scale])]);
      const data = lines.length ? window.uPlot.join(lines.map((line) => [line.xs, line.ys.map((value) => (isLog && value <= 0 ? null : value))])) : [[], []];
      this.main = lines.findLast((line) => !line.faint && line.role !== "earlier" && line.role !== "best");
      if (this.drawn && shape === this.shape) this.drawn.setData(data);
      else this.draw(data);
      this.shape = shape;
      this.rest();
    }

    // The legend: what each axis spans, then its lines.
    keys() {
      const hasTwo = on(this.lines, RIGHT).length > 0;
      return [LEFT, RIGHT].flatMap((scale) => {
        const lines = on(this.lines, scale).filter((line) => !line.faint);
        const found = span(lines, this.range, this.isLog);
        if (!found) return lines.map(keyOf);
        const units = [...new Set(lines.map((line) => line.unit || ""))];
        const text = `${number(found[0])} – ${number(found[1])}${units.length === 1 && units[0] ? ` ${units[0]}` : ""}`;
        const words = this.words[hasTwo ? scale : "axis"];
        const head = Object.assign(document.createElement("li"), { className: "gfc-axis", textContent: words.replace("{range}", text) });
        return [head, ...lines.map(keyOf)];
      });
    }

    draw(data) {
      if (this.drawn) this.drawn.destroy();
      const quiet = () => style(isDark() ? "--color-base-400" : "--color-base-600");
      const grid = { stroke: () => style(isDark() ? "--color-base-800" : "--color-base-200"), width: 1 };
      const axis = { stroke: quiet, font: FONT, grid, ticks: { show: false } };
      const all = data[0];
      const values = (_plot, ticks, _axis, _space, step) => ticks.map((tick) => this.tick(tick, step));
      const scaleOf = (name) => ({ distr: this.isLog ? 3 : 1, range: () => limits(on(this.lines, name), this.range, this.isLog) });
      const hasTwo = on(this.lines, RIGHT).length > 0;
      this.drawn = new window.uPlot({
        width: this.width(),
        height: HEIGHT,
        legend: { show: false },
        scales: {
          x: { time: false, range: () => this.range || this.whole() },
          [LEFT]: scaleOf(LEFT),
          ...(hasTwo ? { [RIGHT]: scaleOf(RIGHT) } : {}),
        },
        axes: [
          { ...axis, size: 24, space: 56 },
          { ...axis, size: 46, space: 28, values },
          // Two grids would be a net that belongs to neither.
          ...(hasTwo ? [{ ...axis, scale: RIGHT, side: 1, size: 46, space: 28, values, grid: { show: false } }] : []),
        ],
        series: [{}, ...this.lines.map(seriesOf)],
        cursor: {
          y: false, points: { show: false }, drag: { x: true, y: false, setScale: false },
          bind: { dblclick: () => () => this.onRange(null) },
        },
        hooks: {
          setSelect: [(plot) => this.selected(plot)],
          setCursor: [(plot) => this.say(plot.cursor.left < 0 ? null : plot.cursor.idx)],
        },
      }, all.length ? data : [[0], ...this.lines.map(() => [null])], this.plot);
    }

    tick(tick, step) {
      if (tick === null || this.isLog || Math.abs(tick) >= 1e5 || step < 1e-5) return tick === null ? null : number(tick);
      return tick.toFixed(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
    }

    width() {
      return Math.max(120, Math.floor(this.plot.clientWidth) || 120);
    }

    fit() {
      if (this.drawn && this.plot.clientWidth && this.drawn.width !== this.width()) this.drawn.setSize({ width: this.width(), height: HEIGHT });
    }

    redraw() {
      if (this.drawn) this.drawn.redraw();
    }

    whole() {
      const ends = this.lines.filter((line) => line.xs.length).flatMap((line) => [line.xs[0], line.xs[line.xs.length - 1]]);
      if (!ends.length) return [0, 1];
      const [from, to] = [Math.min(...ends), Math.max(...ends)];
      return from === to ? [from - 1, to + 1] : [from, to];
    }

    selected(plot) {
      const { left, width } = plot.select;
      if (width < 6) return;
      const range = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
      plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      this.onRange(range);
    }

    place(x) {
      return this.x === "step" ? `${this.words.step} ${x}` : `${number(x)} ${this.words.minutes}`;
    }

    valueText(value, unit = this.unit) {
      return unit ? `${number(value)} ${unit}` : number(value);
    }

    // The last value of the run that the chart is about; at the cursor the values of all lines.
    rest() {
      this.at = null;
      const at = this.main ? this.main.ys.findLastIndex((value) => value !== null) : -1;
      // Among equals a value needs the name of its run.
      const isOneOfSome = at >= 0 && this.main.role === "one" && this.lines.length > 1;
      this.said.textContent = at < 0 ? "" : `${isOneOfSome ? `${this.main.label} ` : ""}${this.valueText(this.main.ys[at], this.main.unit)}`;
      this.said.removeAttribute("aria-live");
      if (at >= 0) this.box.setAttribute("aria-label", `${this.name.textContent}: ${this.valueText(this.main.ys[at])}, ${this.place(this.main.xs[at])}`);
      else this.box.setAttribute("aria-label", this.name.textContent);
    }

    say(index) {
      if (index === null || index === undefined || !this.drawn) {
        if (this.at !== null) this.rest();
        return;
      }
      this.at = index;
      const x = this.drawn.data[0][index];
      // The line drawn last is the one that matters most.
      const texts = this.lines.map((line, place) => [line, this.drawn.data[place + 1][index]])
        .filter(([line, value]) => !line.faint && line.role !== "earlier" && value !== null && value !== undefined)
        .map(([line, value]) => (this.lines.length === 1 ? this.valueText(value) : `${line.label} ${this.valueText(value, line.unit)}`))
        .reverse();
      this.said.textContent = [this.place(x), ...texts.slice(0, 8)].join(" · ");
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.drawn) return;
      const last = this.drawn.data[0].length - 1;
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      let to = null;
      if (step) to = this.at === null ? (step < 0 ? last : 0) : this.at + step;
      else if (event.key === "Home") to = 0;
      else if (event.key === "End") to = last;
      if (to !== null) this.moveTo(Math.max(0, Math.min(last, to)));
      else if (event.key === "+" || event.key === "=") this.zoom(ZOOM);
      else if (event.key === "-") this.zoom(1 / ZOOM);
      else if (event.key === "0" || (event.key === "Escape" && this.range)) this.onRange(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    moveTo(index) {
      this.said.setAttribute("aria-live", "polite");
      const left = this.drawn.valToPos(this.drawn.data[0][index], "x");
      this.drawn.setCursor({ left, top: HEIGHT / 2 }, false);
      this.say(index);
    }

    zoom(factor) {
      const [from, to] = this.range || this.whole();
      const [least, greatest] = this.whole();
      const centre = this.at === null ? (from + to) / 2 : this.drawn.data[0][this.at];
      const half = ((to - from) * factor) / 2;
      const range = [Math.max(least, centre - half), Math.min(greatest, centre + half)];
      this.onRange(range[0] <= least && range[1] >= greatest ? null : range);
    }

    remove() {
      this.watcher.disconnect();
      if (this.drawn) this.drawn.destroy();
      this.box.remove();
    }
  };
})();
