// Follows a running scan or import: polls its progress once a second until it has ended.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const panel = document.querySelector("[data-scan-progress]");
  if (!panel) return;
  const fresh = window.GuardianFlowFresh;
  const bar = panel.querySelector("progress");
  const count = panel.querySelector("[data-scan-count]");
  const current = panel.querySelector("[data-scan-current]");
  const state = panel.querySelector("[data-scan-state]");
  const hint = panel.querySelector("[data-scan-hint]");
  const name = panel.dataset.name;

  const show = (job) => {
    bar.max = job.total || 1;
    if (job.total) bar.value = job.done;
    count.textContent = job.total ? `${job.done} / ${job.total}` : "";
    current.textContent = job.current;
    state.textContent = job.state;
    state.className = `gf-tag ${job.tone}`;
    hint.hidden = !job.waits_long;
    fresh.title([job.state, count.textContent, name].filter(Boolean).join(" · "));
  };
  fresh.follow(async () => {
    const answer = await fresh.ask(panel.dataset.scanProgress, { headers: { Accept: "application/json" } });
    const job = await answer.json();
    show(job);
    if (!job.finished) return 1000;
    window.location.reload();
    return null;
  });
});
