// The comparison of runs: keys, and the link to copy. Folding is CSS.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-compare]");
  const keys = page.querySelector(".gf-keys-box");
  if (!keys) return;
  const heads = [...page.querySelectorAll("thead [data-run]")];
  const linkOf = (head) => head.querySelector(".gfx-number");
  const here = () => heads.indexOf(document.activeElement.closest("[data-run]"));
  const move = (step) => {
    const next = heads[Math.min(heads.length - 1, Math.max(0, here() + step))];
    if (next) linkOf(next).focus();
  };
  const follow = (name) => {
    const link = here() < 0 ? null : heads[here()].querySelector(`[data-${name}]`);
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
});
