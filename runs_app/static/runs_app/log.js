// Shows a log that may be huge and still growing. Bytes come by offset; text goes in as text.
// Memory is bounded: whole blocks leave at the other end when there are too many lines.
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

  const bytesText = (count) => (count < 1048576 ? `${Math.ceil(count / 1024)} KiB` : `${(count / 1048576).toFixed(1)} MiB`);

  return class Log {
    constructor(box) {
      this.box = box;
      this.lines = box.querySelector("[data-role=lines]");
      this.note = box.querySelector("[data-role=note]");
      this.earlier = box.querySelector("[data-role=earlier]");
      this.follow = true;
      this.lines.dataset.empty = box.dataset.empty;
      this.earlier.addEventListener("click", () => this.loadEarlier());
      this.reset();
    }

    reset() {
      this.live = document.createElement("div");
      this.live.className = "live";
      this.lines.replaceChildren();
      this.pending = new Uint8Array(0);
      this.style = {};
      this.next = null;
      this.count = 0;
      this.detached = false;
      this.earlier.hidden = true;
    }

    // Fetches what is new; returns whether there is more to fetch at once.
    async poll() {
      if (this.busy || this.detached) return false;
      this.busy = true;
      try {
        const chunk = await this.fetch(this.next === null ? "" : `?from=${this.next}`);
        this.take(chunk);
        this.note.textContent = "";
        return chunk.end < chunk.size;
      } catch {
        this.note.textContent = this.box.dataset.away;
        return false;
      } finally {
        this.busy = false;
      }
    }

    async fetch(query) {
      const answer = await fetch(this.box.dataset.url + query, { credentials: "same-origin", cache: "no-store" });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      const number = (name) => Number(answer.headers.get(name));
      return {
        bytes: new Uint8Array(await answer.arrayBuffer()),
        start: number("X-Log-Start"), end: number("X-Log-End"),
        size: number("X-Log-Size"), skipped: number("X-Log-Skipped"),
      };
    }

    take(chunk) {
      if (this.next !== null && chunk.start < this.next) this.reset();
      if (chunk.skipped) {
        this.flush();
        this.gap(chunk.skipped);
      }
      if (this.next === null || chunk.skipped) this.pendingStart = chunk.start;
      this.next = chunk.end;
      if (!chunk.bytes.length) return;
      const bytes = join(this.pending, chunk.bytes);
      const cut = bytes.lastIndexOf(LF) + 1;
      if (cut) this.addBlock(bytes.subarray(0, cut), this.pendingStart);
      this.pending = bytes.slice(cut);
      this.pendingStart += cut;
      this.shorten();
      this.showLive();
      this.trimTop();
      this.earlier.hidden = this.firstOffset() === 0;
      if (this.follow) this.lines.scrollTop = this.lines.scrollHeight;
    }

    // An unended line is kept as bytes, so that no letter is cut; of a long one only the last writing.
    shorten() {
      if (this.pending.length <= LONGEST_PENDING) return;
      const at = this.pending.lastIndexOf(CR, this.pending.length - 2) + 1;
      this.pending = this.pending.slice(at);
      this.pendingStart += at;
      if (this.pending.length > LONGEST_PENDING) this.flush();
    }

    flush() {
      if (this.pending.length) this.addBlock(this.pending, this.pendingStart);
      this.pendingStart += this.pending.length;
      this.pending = new Uint8Array(0);
      this.live.replaceChildren();
    }

    block(bytes, start, style) {
      const block = document.createElement("div");
      block.className = "block";
      block.dataset.start = start;
      const texts = new TextDecoder().decode(bytes).split("\n");
      if (texts[texts.length - 1] === "") texts.pop();
      block.append(...texts.map((text) => renderLine(lastWriting(text), style)));
      this.count += texts.length;
      return block;
    }

    addBlock(bytes, start) {
      if (!this.live.isConnected) this.lines.append(this.live);
      this.live.before(this.block(bytes, start, this.style));
    }

    gap(skipped) {
      const line = document.createElement("div");
      line.className = "block gap l";
      line.textContent = this.box.dataset.skipped.replace("{bytes}", bytesText(skipped));
      if (!this.live.isConnected) this.lines.append(this.live);
      this.live.before(line);
    }

    showLive() {
      if (!this.live.isConnected) this.lines.append(this.live);
      // With `stream` a letter that has come only in part is left out until the rest is there.
      const text = new TextDecoder().decode(this.pending, { stream: true });
      this.live.replaceChildren();
      if (text) this.live.append(renderLine(lastWriting(text), { ...this.style }));
    }

    firstOffset() {
      const first = this.lines.querySelector(".block[data-start]");
      return first ? Number(first.dataset.start) : this.pendingStart;
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

    async loadEarlier() {
      const before = this.firstOffset();
      if (this.busy || before === 0) return;
      this.busy = true;
      try {
        const chunk = await this.fetch(`?before=${before}`);
        const height = this.lines.scrollHeight;
        const top = this.lines.scrollTop;
        if (chunk.bytes.length) this.lines.prepend(this.block(chunk.bytes, chunk.start, {}));
        this.lines.scrollTop = top + this.lines.scrollHeight - height;
        this.trimBottom();
        this.earlier.hidden = chunk.start === 0;
        this.note.textContent = "";
      } catch {
        this.note.textContent = this.box.dataset.away;
      } finally {
        this.busy = false;
      }
    }

    // Somebody reads far above the end: the end leaves, and comes back when following again.
    trimBottom() {
      while (this.count > MOST_LINES) {
        const last = this.live.previousElementSibling;
        if (!last || last === this.lines.firstElementChild) return;
        this.drop(last);
        this.detached = true;
      }
      if (this.detached) {
        this.live.replaceChildren();
        this.box.dispatchEvent(new CustomEvent("gfr-detached", { bubbles: true }));
      }
    }

    setFollow(follow) {
      this.follow = follow;
      if (!follow) return;
      if (this.detached) this.reset();
      this.lines.scrollTop = this.lines.scrollHeight;
    }
  };
})();
