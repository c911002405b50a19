// Brings the states of active runs in a list up to date, with one small request for all of them.
"use strict";
(() => {
  const EVERY_MS = 4000;
  const active = () => [...document.querySelectorAll(".gfr-state[data-run]")].filter((one) => one.dataset.run);

  const show = (cell, facts) => {
    const badge = new DOMParser().parseFromString(facts.badge, "text/html").body.firstElementChild;
    if (badge) cell.replaceChildren(badge);
    const row = cell.closest("tr");
    const reason = row && row.querySelector(".gfr-reason");
    if (reason) reason.textContent = facts.reason;
    const wait = row && row.querySelector(".gfr-wait");
    if (wait) wait.replaceChildren(...new DOMParser().parseFromString(facts.waiting, "text/html").body.childNodes);
    const took = row && row.querySelector(".gfr-took");
    if (took && facts.duration) took.textContent = facts.duration;
    if (!facts.is_active) cell.dataset.run = "";
  };

  const refresh = async () => {
    const cells = active();
    if (!cells.length) return;
    if (!document.hidden) {
      const address = new URL("states/", location.origin + location.pathname);
      cells.forEach((cell) => address.searchParams.append("id", cell.dataset.run));
      try {
        const answer = await fetch(address, { credentials: "same-origin" });
        if (answer.redirected || !answer.ok) return;
        const { runs } = await answer.json();
        cells.forEach((cell) => runs[cell.dataset.run] && show(cell, runs[cell.dataset.run]));
      } catch { /* the portal may be away for a moment; ask again */ }
    }
    setTimeout(refresh, EVERY_MS);
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (document.body.classList.contains("change-list") && active().length) setTimeout(refresh, EVERY_MS);
  });
})();
