// The page of a run: follows its log and its state, and copies its command.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("gfr-run");
  if (!page) return;
  const EVERY_MS = 1000;
  const AT_ONCE_MS = 100;
  const fresh = window.GuardianFlowFresh;
  let isActive = page.dataset.active === "1";
  let status = (page.querySelector("[data-role=badge] [data-status]") || { dataset: {} }).dataset.status;
  const part = (role) => page.querySelector(`[data-role=${role}]`);

  const logs = new window.GuardianFlowLogPanel(document.getElementById("log"));

  // The bar only knows the whole run; of a part only the text is shown.
  const showProgress = (progress) => {
    const box = part("progress");
    box.hidden = !progress;
    if (!progress) return;
    part("progress-text").textContent = progress.text;
    const bar = part("bar");
    bar.hidden = progress.percent === null;
    bar.setAttribute("aria-valuenow", progress.percent ?? 0);
    bar.firstElementChild.style.width = `${progress.percent ?? 0}%`;
  };

  const showState = (facts) => {
    showProgress(facts.progress);
    const percent = facts.progress && facts.progress.percent !== null ? ` ${facts.progress.percent} %` : "";
    fresh.title(`${facts.label}${percent} · ${page.dataset.name}`);
    const badge = new DOMParser().parseFromString(facts.badge, "text/html").body.firstElementChild;
    if (badge) part("badge").replaceChildren(badge);
    part("reason").textContent = facts.reason;
    const waiting = new DOMParser().parseFromString(facts.waiting, "text/html").body;
    part("waiting").replaceChildren(...waiting.childNodes);
    if (facts.duration) page.querySelectorAll("[data-role=duration]").forEach((one) => { one.textContent = facts.duration; });
    const warnings = facts.warnings.map((text) => Object.assign(document.createElement("li"), { textContent: text }));
    part("warnings").replaceChildren(...warnings);
    part("warnings").hidden = !warnings.length;
    for (const [name, size] of Object.entries(facts.logs)) {
      const label = page.querySelector(`[data-size=${name}]`);
      if (label) label.textContent = size;
    }
  };

  let metricsBytes = 0;
  const showMetrics = async (bytes) => {
    if (!bytes || bytes === metricsBytes) return;
    const box = part("metrics");
    const answer = await fresh.ask(box.dataset.url);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const figures = found.querySelector("[data-role=figures]");
    if (figures) part("figures").replaceWith(figures);
    box.replaceChildren(...found.body.childNodes);
    metricsBytes = bytes;
    const curves = window.GuardianFlowCurves.get(document.getElementById("curves"));
    if (curves) await curves.refresh();
  };

  const tick = async () => {
    const facts = await (await fresh.ask(page.dataset.state)).json();
    showState(facts);
    // Buttons, times and files depend on the state; the page is made again where it changed.
    if (facts.status !== status && (!facts.is_active || facts.status === "running")) {
      location.reload();
      return null;
    }
    status = facts.status;
    isActive = facts.is_active;
    await showMetrics(facts.metrics_bytes);
    const more = await logs.poll();
    if (!isActive) return null;
    return more ? AT_ONCE_MS : EVERY_MS;
  };

  if (isActive) fresh.follow(tick, { first_ms: EVERY_MS, retry_ms: 3 * EVERY_MS });

  page.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      const label = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  });
  // Who opens the note writes it; the list of runs links to it by its name.
  const remarks = page.querySelector("#remarks details");
  if (remarks) {
    remarks.addEventListener("toggle", () => remarks.open && remarks.querySelector("[name=note]").focus());
    if (location.hash === "#remarks") remarks.open = true;
  }

  // data-key on a link or button: the key that presses it.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const button = page.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    if (button.matches("input, textarea")) button.focus();
    else button.click();
  });
  page.querySelectorAll("form[data-ask]").forEach((form) => form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.ask)) event.preventDefault();
  }));
});
