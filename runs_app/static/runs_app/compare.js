// The comparison of runs: keys, the link to copy, and runs that go on. Folding is CSS.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-compare]");
  const keys = page.querySelector(".gf-keys-box");
  if (!keys) return;
  const heads = () => [...page.querySelectorAll("thead [data-run]")];
  const linkOf = (head) => head.querySelector(".gfx-number");
  const here = () => heads().indexOf(document.activeElement.closest("[data-run]"));
  const move = (step) => {
    const some = heads();
    const next = some[Math.min(some.length - 1, Math.max(0, here() + step))];
    if (next) linkOf(next).focus();
  };
  const follow = (name) => {
    const link = here() < 0 ? null : heads()[here()].querySelector(`[data-${name}]`);
    if (link) link.click();
  };
  const same = page.querySelector("[data-same]");
  const actions = {
    s: () => same && same.click(),
    a: () => page.querySelector("[data-add]").focus(),
    j: () => move(1),
    k: () => move(-1),
    b: () => follow("first"),
    x: () => follow("without"),
    "?": () => keys.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select, dialog *");
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping || keys.open) return;
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const help = page.querySelector("[data-keys]");
  help.hidden = false;
  help.addEventListener("click", () => keys.showModal());

  // The clipboard is there only under https and on this machine.
  const copy = page.querySelector("[data-copy-link]");
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      const label = copy.textContent;
      await navigator.clipboard.writeText(location.href);
      copy.textContent = copy.dataset.done;
      setTimeout(() => { copy.textContent = label; }, 1500);
    });
  }

  // Runs that go on: their states and points are asked for, and the page itself again where these
  // changed, or for the durations. Only the parts that say something else are replaced.
  const EVERY_MS = 4000;
  const WHOLE_EVERY_MS = 20_000;
  if (!page.dataset.active) return;
  const fresh = window.GuardianFlowFresh;
  const name = document.title;
  let active = page.dataset.active.split(",");
  let seen = "";
  let wholeAt = Date.now();

  const replace = (old, found) => {
    if (!found || old.innerHTML === found.innerHTML) return;
    const focused = old.contains(document.activeElement) && document.activeElement.closest("[data-run], [data-section]");
    const { run, section } = focused ? focused.dataset : {};
    const open = [...old.querySelectorAll("[data-more]:checked")].map((tick) => tick.closest("[data-section]").dataset.section);
    old.replaceChildren(...found.childNodes);
    open.forEach((key) => {
      const tick = old.querySelector(`[data-section="${CSS.escape(key)}"] [data-more]`);
      if (tick) tick.checked = true;
    });
    const to = run ? old.querySelector(`[data-run="${run}"] .gfx-number`) : section && old.querySelector(`[data-section="${CSS.escape(section)}"] [data-more]`);
    if (to) to.focus({ preventScroll: true });
  };
  const showTitle = () => {
    const bar = document.getElementById("gf-stale");
    fresh.title(active.length ? `${bar.dataset.active.replace("{count}", active.length)} · ${name}` : name);
  };
  const again = async () => {
    const answer = await fresh.ask(location.href, { within_ms: 3 * EVERY_MS });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    page.querySelectorAll("[data-live]").forEach((part) => replace(part, found.querySelector(`[data-live="${part.dataset.live}"]`)));
    const now = found.querySelector("[data-compare]").dataset.active;
    active = now ? now.split(",") : [];
    if (!active.length) page.querySelectorAll("[data-live=active]").forEach((part) => { part.hidden = true; });
    wholeAt = Date.now();
  };
  const tick = async () => {
    const states = await fresh.ask(`${page.dataset.states}?${new URLSearchParams(active.map((id) => ["id", id]))}`);
    const { runs } = await states.json();
    const box = document.getElementById("curves");
    const curves = box && window.GuardianFlowCurves.get(box);
    if (curves) await curves.refresh();
    const now = JSON.stringify([Object.entries(runs).map(([id, run]) => [id, run.status]), curves ? curves.bytes() : 0]);
    if (now !== seen || Date.now() - wholeAt > WHOLE_EVERY_MS) await again();
    seen = now;
    showTitle();
    return active.length ? EVERY_MS : null;
  };
  showTitle();
  fresh.follow(tick, { first_ms: EVERY_MS });
});
