// Shows a log that may be huge and still growing, or both logs in the order of time. Bytes come by
// offset; text goes in as text. Memory is bounded: whole blocks leave at the other end when there are
// too many lines. A position is an offset, or `STDOUT-STDERR` of both logs.
"use strict";
window.GuardianFlowLog = (() => {
  const MOST_LINES = 20000;
  const LONGEST_PENDING = 65536;
  const LF = 10;
  const CR = 13;
  const ESCAPES = /\x1b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
  const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;

  const join = (one, two) => {
    const both = new Uint8Array(one.length + two.length);
    both.set(one);
    both.set(two, one.length);
    return both;
  };

  // What a terminal would show of a line that was written over again and again.
  const lastWriting = (text) => {
    const line = text.endsWith("\r") ? text.slice(0, -1) : text;
    return line.slice(line.lastIndexOf("\r") + 1);
  };

  const restyle = (style, codes) => {
    const list = codes === "" ? [0] : codes.split(/[;:]/).map(Number);
    for (let at = 0; at < list.length; at += 1) {
      const code = list[at];
      if (code === 0) Object.assign(style, { colour: "", b: false, d: false, i: false, u: false });
      else if (code === 1) style.b = true;
      else if (code === 2) style.d = true;
      else if (code === 3) style.i = true;
      else if (code === 4) style.u = true;
      else if (code === 22) Object.assign(style, { b: false, d: false });
      else if (code === 23) style.i = false;
      else if (code === 24) style.u = false;
      else if (code >= 30 && code <= 37) style.colour = `c${code - 30}`;
      else if (code >= 90 && code <= 97) style.colour = `c${code - 90}`;
      else if (code === 39) style.colour = "";
      else if (code === 38 || code === 48) at += list[at + 1] === 5 ? 2 : 4;
    }
  };

  const classesOf = (style) => [style.colour, ...["b", "d", "i", "u"].filter((name) => style[name])].filter(Boolean).join(" ");

  const append = (line, text, style) => {
    const clean = text.replace(CONTROLS, "");
    if (!clean) return;
    const classes = classesOf(style);
    if (!classes) {
      line.append(document.createTextNode(clean));
      return;
    }
    const span = document.createElement("span");
    span.className = classes;
    span.textContent = clean;
    line.append(span);
  };

  const renderLine = (text, style) => {
    const line = document.createElement("div");
    line.className = "l";
    let at = 0;
    for (const found of text.matchAll(ESCAPES)) {
      append(line, text.slice(at, found.index), style);
      if (found[2] === "m") restyle(style, found[1]);
      at = found.index + found[0].length;
    }
    append(line, text.slice(at), style);
    return line;
  };

  // A line that is no UTF-8 and is CP949 (which browsers call euc-kr) is shown as such.
  const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const CP949 = new TextDecoder("euc-kr", { fatal: true });
  const decoded = (bytes, decoder) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return null;
    }
  };
  const lineText = (bytes) => decoded(bytes, UTF8) ?? decoded(bytes, CP949) ?? new TextDecoder().decode(bytes);

  const linesOf = (bytes) => {
    const text = decoded(bytes, UTF8);
    if (text !== null) return text.split("\n");
    const lines = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      lines.push(lineText(bytes.subarray(start, end)));
      start = end + 1;
    }
    lines.push(lineText(bytes.subarray(start)));
    return lines;
  };

  // With `stream` a letter that has come only in part is left out until the rest is there.
  const unendedText = (bytes) => {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    } catch {
      return decoded(bytes, CP949) ?? new TextDecoder().decode(bytes, { stream: true });
    }
  };

  const bytesText = (count) => (count < 1048576 ? `${Math.ceil(count / 1024)} KiB` : `${(count / 1048576).toFixed(1)} MiB`);

  const newlines = (bytes) => {
    let count = 0;
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
    return count;
  };

  const NOTHING = new Uint8Array(0);

  return class Log {
    constructor(box) {
      this.box = box;
      this.name = box.dataset.log;
      this.isMerged = this.name === "merged";
      this.lines = box.querySelector("[data-role=lines]");
      this.note = box.querySelector("[data-role=note]");
      this.earlier = box.querySelector("[data-role=earlier]");
      this.later = box.querySelector("[data-role=later]");
      this.follow = true;
      this.lines.dataset.empty = box.dataset.empty;
      this.earlier.addEventListener("click", () => this.load("before"));
      this.later.addEventListener("click", () => this.load("after"));
      this.reset();
    }

    reset() {
      this.live = document.createElement("div");
      this.live.className = "live";
      this.lines.replaceChildren(this.live);
      // By stream: the bytes of a line that has not ended, where it begins, and its number.
      this.pending = {};
      this.numbers = {};
      this.next = null;
      this.count = 0;
      this.detached = false;
      this.style = {};
      this.offer();
    }

    // Fetches what is new; returns whether there is more to fetch at once.
    async poll() {
      if (this.busy || this.detached) return false;
      return this.during(async () => {
        const chunk = await this.fetch(this.next === null ? "" : `?from=${this.next}`);
        if (this.next !== null && chunk.isBack) this.reset();
        this.take(chunk);
        if (this.follow) this.lines.scrollTop = this.lines.scrollHeight;
        return chunk.end !== chunk.size;
      });
    }

    // Shows what is around an offset of a log, and marks its line; returns whether that worked.
    async goTo(offset, stream = this.name) {
      while (this.busy) await new Promise((done) => { setTimeout(done, 20); });
      this.follow = false;
      return this.during(async () => {
        const isPosition = String(offset).includes("-");
        const at = this.isMerged && !isPosition ? `${stream}-${offset}` : offset;
        const chunk = await this.fetch(`?at=${at}`);
        this.reset();
        this.keeps = true;
        this.take(chunk, false);
        this.mark(this.lineOf(offset, stream));
        this.keeps = false;
        for (const block of this.lines.children) delete block.bytes;
        return true;
      });
    }

    async load(where) {
      if (this.busy) return;
      await this.during(async () => {
        const blocks = this.lines.querySelectorAll(".block[data-start]");
        if (!blocks.length) return;
        if (where === "before") this.prepend(await this.fetch(`?before=${blocks[0].dataset.start}`));
        else this.take(await this.fetch(`?after=${this.resume}`), false);
      });
    }

    async during(work) {
      this.busy = true;
      try {
        const done = await work();
        this.note.textContent = "";
        return done;
      } catch (problem) {
        if (problem instanceof TypeError) throw problem;
        this.note.textContent = this.box.dataset.away;
        return false;
      } finally {
        this.busy = false;
      }
    }

    // One part of a log: pieces in order, each of one stream, and positions as texts.
    async fetch(query) {
      const answer = await window.GuardianFlowFresh.ask(this.box.dataset.url + query, { may_be_gone: true });
      const told = (name) => answer.headers.get(`X-Log-${name}`);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const chunk = { start: told("Start"), end: told("End"), size: told("Size"), skipped: Number(told("Skipped")) };
      if (!this.isMerged) {
        const line = told("Line") === null ? null : Number(told("Line"));
        chunk.pieces = bytes.length ? [{ stream: this.name, start: Number(chunk.start), bytes, line, before: chunk.start }] : [];
        chunk.isBack = Number(chunk.start) < Number(this.next);
        return chunk;
      }
      let at = Number(told("Head"));
      const place = chunk.start.split("-").map(Number);
      chunk.pieces = JSON.parse(new TextDecoder().decode(bytes.subarray(0, at))).map(([stream, start, length, line, time]) => {
        const piece = { stream, start, line, time, bytes: bytes.subarray(at, at + length), before: place.join("-") };
        at += length;
        place[stream === "stdout" ? 0 : 1] = start + length;
        return piece;
      });
      const before = this.next === null ? place : this.next.split("-").map(Number);
      chunk.isBack = chunk.start.split("-").some((text, index) => Number(text) < before[index]);
      return chunk;
    }

    // Adds what follows. Not `isLive`: it may be far from the end, and then it ends with a whole line.
    take(chunk, isLive = true) {
      if (chunk.skipped) {
        this.flush();
        this.gap(chunk.skipped);
      }
      this.next = chunk.end;
      for (const piece of chunk.pieces) this.add(piece);
      this.detached = !isLive && chunk.end !== chunk.size;
      if (this.detached) {
        this.resume = this.unread(chunk.end);
        this.forget();
      }
      this.showLive();
      this.trimTop();
      this.offer();
    }

    add(piece) {
      const held = this.pending[piece.stream];
      const isNext = held && held.start + held.bytes.length === piece.start;
      const start = isNext ? held.start : piece.start;
      const bytes = isNext ? join(held.bytes, piece.bytes) : piece.bytes;
      // Where the server does not say it: lines go on from those before.
      const known = this.numbers[piece.stream];
      const line = isNext ? held.line : piece.line ?? (known && known.at === piece.start ? known.line : null);
      const cut = bytes.lastIndexOf(LF) + 1;
      if (cut) this.live.before(this.block({ ...piece, start, bytes: bytes.subarray(0, cut), line, before: isNext ? held.before : piece.before }, this.style));
      const rest = { bytes: bytes.slice(cut), start: start + cut, before: cut ? this.position(piece, start + cut) : isNext ? held.before : piece.before };
      rest.line = line === null || line === undefined ? null : line + newlines(bytes.subarray(0, cut));
      this.numbers[piece.stream] = { at: rest.start, line: rest.line };
      this.pending[piece.stream] = this.shortened(rest, piece);
    }

    // The position before the lines that have not ended.
    unread(end) {
      const place = end.split("-");
      for (const [stream, held] of Object.entries(this.pending)) {
        if (held.bytes.length) place[this.isMerged && stream === "stderr" ? 1 : 0] = held.start;
      }
      return place.join("-");
    }

    // Where a byte of a piece is, as a position of this log.
    position(piece, offset) {
      if (!this.isMerged) return String(offset);
      const place = piece.before.split("-");
      place[piece.stream === "stdout" ? 0 : 1] = offset;
      return place.join("-");
    }

    // An unended line is kept as bytes, so that no letter is cut; of a long one only the last writing.
    shortened(held, piece) {
      if (held.bytes.length <= LONGEST_PENDING) return held;
      const at = held.bytes.lastIndexOf(CR, held.bytes.length - 2) + 1;
      const rest = { ...held, bytes: held.bytes.slice(at), start: held.start + at };
      if (rest.bytes.length <= LONGEST_PENDING) return rest;
      this.live.before(this.block({ ...piece, start: rest.start, bytes: rest.bytes, line: rest.line, before: rest.before }, this.style));
      return { bytes: NOTHING, start: rest.start + rest.bytes.length, line: null, before: this.next };
    }

    flush() {
      for (const [stream, held] of Object.entries(this.pending)) {
        if (!held.bytes.length) continue;
        this.live.before(this.block({ stream, start: held.start, bytes: held.bytes, line: held.line, before: held.before }, this.style));
        this.pending[stream] = { ...held, start: held.start + held.bytes.length, bytes: NOTHING, line: null };
      }
      this.live.replaceChildren();
    }

    forget() {
      this.pending = {};
      this.live.replaceChildren();
    }

    block(piece, style) {
      const block = document.createElement("div");
      block.className = this.isMerged ? `block ${piece.stream}` : "block";
      block.dataset.start = piece.before;
      // Which bytes these are, for as long as a line is sought by its offset.
      if (this.keeps) Object.assign(block, { stream: piece.stream, from: piece.start, bytes: piece.bytes });
      if (piece.time) block.title = new Date(piece.time).toLocaleTimeString("sv-SE");
      const texts = linesOf(piece.bytes);
      if (texts[texts.length - 1] === "") texts.pop();
      block.append(...texts.map((text, at) => {
        const line = renderLine(lastWriting(text), style);
        if (piece.line) line.dataset.n = piece.line + at;
        return line;
      }));
      this.count += texts.length;
      return block;
    }

    gap(skipped) {
      const line = document.createElement("div");
      line.className = "block gap l";
      line.textContent = this.box.dataset.skipped.replace("{bytes}", bytesText(skipped));
      this.live.before(line);
    }

    showLive() {
      this.live.replaceChildren();
      for (const held of Object.values(this.pending)) {
        const text = unendedText(held.bytes);
        if (!text) continue;
        const line = renderLine(lastWriting(text), { ...this.style });
        if (held.line) line.dataset.n = held.line;
        this.live.append(line);
      }
    }

    prepend(chunk) {
      const height = this.lines.scrollHeight;
      const top = this.lines.scrollTop;
      this.lines.prepend(...chunk.pieces.map((piece) => this.block(piece, {})));
      this.lines.scrollTop = top + this.lines.scrollHeight - height;
      this.trimBottom();
      this.offer();
    }

    // Which buttons lead on from here.
    offer() {
      const first = this.lines.querySelector(".block[data-start]");
      this.earlier.hidden = !first || /^0(-0)?$/.test(first.dataset.start);
      this.later.hidden = !this.detached;
    }

    trimTop() {
      for (let first = this.lines.firstElementChild; this.count > MOST_LINES && first !== this.live; first = this.lines.firstElementChild) {
        if (first.nextElementSibling === this.live) return;
        this.drop(first);
      }
    }

    drop(block) {
      this.count -= block.dataset.start === undefined ? 0 : block.childElementCount;
      block.remove();
    }

    // Somebody reads far above the end: the end leaves, and comes back when following again.
    trimBottom() {
      while (this.count > MOST_LINES) {
        const last = this.live.previousElementSibling;
        if (!last || last === this.lines.firstElementChild) return;
        if (last.dataset.start !== undefined) this.resume = last.dataset.start;
        this.drop(last);
        this.detached = true;
      }
      if (!this.detached) return;
      this.numbers = {};
      this.forget();
      this.box.dispatchEvent(new CustomEvent("gfr-detached", { bubbles: true }));
    }

    // The element of the line with a byte of a log; of a position in both logs, of its first line.
    lineOf(offset, stream) {
      const words = String(offset).split("-");
      if (words[0] === "stdout" || words[0] === "stderr") return this.lineOf(words[1], words[0]);
      if (words.length === 2) return this.lineOf(words[0], "stdout") || this.lineOf(words[1], "stderr");
      const at = Number(offset);
      const block = [...this.lines.querySelectorAll(".block")].find((one) => one.bytes && one.stream === stream && one.from <= at && at < one.from + one.bytes.length);
      return block ? block.children[newlines(block.bytes.subarray(0, at - block.from))] : null;
    }

    mark(line) {
      const before = this.lines.querySelector(".l.here");
      if (before) before.classList.remove("here");
      const shown = line || this.lines.querySelector(".l");
      if (!shown) return;
      if (line) line.classList.add("here");
      this.lines.scrollTop += shown.getBoundingClientRect().top - this.lines.getBoundingClientRect().top - this.lines.clientHeight / 4;
    }

    setFollow(follow) {
      this.follow = follow;
      if (!follow) return;
      if (this.detached) this.reset();
      this.lines.scrollTop = this.lines.scrollHeight;
    }
  };
})();
