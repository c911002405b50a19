// Follows a running scan: asks for its progress once a second until it has ended.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.querySelector("[data-scan-progress]");
  if (!panel) return;
  const bar = panel.querySelector("progress");
  const count = panel.querySelector("[data-scan-count]");
  const current = panel.querySelector("[data-scan-current]");
  const state = panel.querySelector("[data-scan-state]");
  const hint = panel.querySelector("[data-scan-hint]");

  const show = (job) => {
    bar.max = job.total || 1;
    if (job.total) bar.value = job.done;
    count.textContent = job.total ? `${job.done} / ${job.total}` : "";
    current.textContent = job.current;
    state.textContent = job.state;
    state.className = `gf-tag ${job.tone}`;
    hint.hidden = !job.waits_long;
  };
  const ask = async () => {
    let wait = 1000;
    try {
      if (!document.hidden) {
        const answer = await fetch(panel.dataset.scanProgress, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(answer.status);
        const job = await answer.json();
        show(job);
        if (job.finished) { window.location.reload(); return; }
      }
    } catch { wait = 5000; }
    window.setTimeout(ask, wait);
  };
  ask();
});
