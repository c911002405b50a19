// The logs of a run as tabs: which one is shown, following its end, searching it, and going to a
// place: a hit, the first error, a line, a percentage, a time.
"use strict";
window.GuardianFlowLogPanel = class {
  static MOST_SHOWN = 200;

  constructor(panel) {
    this.panel = panel;
    this.logs = new Map([...panel.querySelectorAll("[data-log]")].map((box) => [box.dataset.log, new window.GuardianFlowLog(box)]));
    this.tabs = [...panel.querySelectorAll("[data-tab]")];
    this.current = this.tabs.find((tab) => tab.getAttribute("aria-selected") === "true").dataset.tab;
    this.part = (role) => panel.querySelector(`[data-role=${role}]`);
    this.hits = [];
    this.isActive = false;
    this.listen();
    this.fromAddress();
  }

  get log() {
    return this.logs.get(this.current);
  }

  poll() {
    return this.log.poll();
  }

  async readAll() {
    while (await this.log.poll());
  }

  listen() {
    this.tabs.forEach((tab, at) => {
      tab.addEventListener("click", () => this.choose(tab.dataset.tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = this.tabs[(at + step + this.tabs.length) % this.tabs.length];
        next.focus();
        this.choose(next.dataset.tab);
      });
    });
    const follow = this.part("follow");
    // A log that has ended is read from its beginning or its end as one likes; it still starts at the end.
    follow.addEventListener("change", () => {
      this.logs.forEach((log) => log.setFollow(follow.checked));
      if (follow.checked) this.readAll();
    });
    this.panel.addEventListener("gfr-detached", () => this.stopFollowing());
    this.logs.forEach((log) => log.lines.addEventListener("wheel", (event) => {
      if (event.deltaY < 0) this.stopFollowing();
    }, { passive: true }));
    this.part("search").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.asked === this.query() && this.hits.length) this.step(1);
      else this.find();
    });
    this.part("query").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.clear();
      else if (event.key === "Enter" && event.shiftKey && this.hits.length) {
        event.preventDefault();
        this.step(-1);
      }
    });
    this.part("fold").addEventListener("change", () => { if (this.part("query").value) this.find(); });
    this.part("errors").addEventListener("click", () => this.firstError());
    this.part("go").addEventListener("submit", (event) => {
      event.preventDefault();
      this.goToTyped();
    });
    this.part("previous").addEventListener("click", () => this.step(-1));
    this.part("following").addEventListener("click", () => this.step(1));
    window.addEventListener("hashchange", () => this.fromAddress());
  }

  choose(name) {
    if (name === this.current && this.log.next !== null) return Promise.resolve();
    this.current = name;
    for (const tab of this.tabs) {
      const isOn = tab.dataset.tab === name;
      tab.classList.toggle("gfr-tab-on", isOn);
      tab.setAttribute("aria-selected", String(isOn));
      tab.tabIndex = isOn ? 0 : -1;
    }
    this.logs.forEach((log, one) => { log.box.hidden = one !== name; });
    if (this.hits.length) this.clear();
    return this.log.next === null ? this.readAll() : Promise.resolve();
  }

  stopFollowing() {
    if (!this.part("follow").checked) return;
    this.part("follow").checked = false;
    this.logs.forEach((log) => { log.follow = false; });
  }

  say(text) {
    this.part("found").textContent = text;
  }

  async goTo(stream, offset) {
    this.stopFollowing();
    if (this.current !== "merged" && this.current !== stream) {
      this.current = stream;
      this.tabs.forEach((tab) => {
        const isOn = tab.dataset.tab === stream;
        tab.classList.toggle("gfr-tab-on", isOn);
        tab.setAttribute("aria-selected", String(isOn));
        tab.tabIndex = isOn ? 0 : -1;
      });
      this.logs.forEach((log, one) => { log.box.hidden = one !== stream; });
    }
    return this.log.goTo(offset, stream);
  }

  // #log-stderr-1204 in the address: a byte of a log.
  fromAddress() {
    const found = /^#log-(stdout|stderr)-(\d+)$/.exec(location.hash);
    if (!found) return this.readAll();
    this.panel.scrollIntoView({ block: "start" });
    return this.goTo(found[1], found[2]);
  }

  async goToTyped() {
    const typed = this.part("place").value.trim();
    if (!typed) return;
    const answer = await window.GuardianFlowFresh.ask(`${this.log.box.dataset.url}place/?${new URLSearchParams({ go: typed })}`);
    const found = await answer.json();
    this.say(found.problem || "");
    if (found.problem) return;
    this.stopFollowing();
    await this.log.goTo(found.offset);
  }

  query() {
    return `${this.current}|${this.part("query").value}|${this.part("fold").checked}`;
  }

  streams() {
    return this.current === "merged" ? ["stdout", "stderr"] : [this.current];
  }

  clear() {
    if (this.search) this.search.abort();
    this.hits = [];
    this.asked = "";
    this.at = -1;
    this.part("query").value = "";
    this.part("hits").replaceChildren();
    this.part("results").hidden = true;
    this.say("");
  }

  async find() {
    const text = this.part("query").value;
    if (!text) {
      this.clear();
      return;
    }
    this.asked = this.query();
    this.hits = [];
    this.at = -1;
    this.part("hits").replaceChildren();
    this.part("results").hidden = true;
    const query = this.part("fold").checked ? { q: text } : { q: text, fold: "" };
    for (const stream of this.streams()) {
      await this.ask(stream, query, (hit) => {
        this.addHit(hit);
        return this.hits.length < this.constructor.MOST_SHOWN;
      });
    }
    if (this.asked === this.query() && !this.isBusy && !this.hits.length) this.say(this.panel.dataset.none);
  }

  async firstError() {
    for (const stream of ["stderr", "stdout"]) {
      let first = null;
      await this.ask(stream, { errors: "" }, (hit) => {
        first = hit;
        return false;
      });
      if (this.isBusy) return;
      if (first) {
        this.say(this.hitText(first));
        await this.goTo(stream, first.offset);
        return;
      }
    }
    this.say(this.panel.dataset.noErrors);
  }

  // Reads hits as they come until `each` returns false. A new search ends the one before.
  async ask(stream, query, each) {
    if (this.search) this.search.abort();
    const search = new AbortController();
    this.search = search;
    this.isBusy = false;
    const address = `${this.logs.get(stream).box.dataset.url}search/?${new URLSearchParams(query)}`;
    this.say(this.panel.dataset.searching);
    try {
      const answer = await window.GuardianFlowFresh.ask(address, { signal: search.signal, within_ms: 60000 });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
          const row = JSON.parse(line);
          if (row.busy) this.isBusy = true;
          if (row.hit && !each({ stream, offset: row.hit[0], line: row.hit[1], text: row.hit[2] })) {
            search.abort();
            return;
          }
        }
      }
    } catch (problem) {
      if (!search.signal.aborted && !(problem && problem.reason)) throw problem;
    } finally {
      if (this.search === search && !this.hits.length) this.say(this.isBusy ? this.panel.dataset.busy : "");
    }
  }

  hitText(hit) {
    return hit.line === null ? hit.stream : this.panel.dataset.line.replace("{stream}", hit.stream).replace("{line}", hit.line);
  }

  addHit(hit) {
    const place = this.hits.push(hit) - 1;
    const button = document.createElement("button");
    button.type = "button";
    const number = Object.assign(document.createElement("span"), { textContent: hit.line ?? "·" });
    button.append(number, ` ${hit.text.trim()}`);
    button.addEventListener("click", () => this.show(place));
    const item = document.createElement("li");
    item.append(button);
    this.part("hits").append(item);
    this.part("results").hidden = false;
    if (place === 0) this.show(0);
    else this.count();
  }

  step(by) {
    if (this.hits.length) this.show((this.at + by + this.hits.length) % this.hits.length);
  }

  async show(place) {
    this.at = place;
    this.part("hits").querySelectorAll("button").forEach((button, at) => {
      if (at === place) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    this.count();
    await this.goTo(this.hits[place].stream, this.hits[place].offset);
  }

  count() {
    const more = this.hits.length >= this.constructor.MOST_SHOWN ? "+" : "";
    this.say(`${this.at + 1} / ${this.hits.length}${more}`);
  }
};
