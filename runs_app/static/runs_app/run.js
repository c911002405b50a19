// The page of a run: follows its log and its state, and copies its command.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("gfr-run");
  if (!page) return;
  const EVERY_MS = 1000;
  const AT_ONCE_MS = 100;
  let isActive = page.dataset.active === "1";
  let status = (page.querySelector("[data-role=badge] [data-status]") || { dataset: {} }).dataset.status;
  const part = (role) => page.querySelector(`[data-role=${role}]`);

  const logs = new Map([...page.querySelectorAll("[data-log]")].map((box) => [box.dataset.log, new window.GuardianFlowLog(box)]));
  let current = page.querySelector("[data-tab][aria-selected=true]").dataset.tab;
  const follow = part("follow");
  // A log that has ended is read from its beginning or its end as one likes; it still starts at the end.
  follow.addEventListener("change", () => {
    logs.forEach((log) => log.setFollow(follow.checked));
    if (!isActive && follow.checked) readAll(logs.get(current));
  });
  page.addEventListener("gfr-detached", () => {
    follow.checked = false;
    logs.forEach((log) => { log.follow = false; });
  });
  logs.forEach((log) => log.lines.addEventListener("wheel", (event) => {
    if (event.deltaY < 0 && follow.checked) {
      follow.checked = false;
      logs.forEach((one) => { one.follow = false; });
    }
  }, { passive: true }));

  const readAll = async (log) => { while (await log.poll()); };

  const choose = (name) => {
    current = name;
    page.querySelectorAll("[data-tab]").forEach((tab) => {
      const isOn = tab.dataset.tab === name;
      tab.classList.toggle("gfr-tab-on", isOn);
      tab.setAttribute("aria-selected", String(isOn));
    });
    page.querySelectorAll("[data-log]").forEach((box) => { box.hidden = box.dataset.log !== name; });
    readAll(logs.get(name));
  };
  page.querySelectorAll("[data-tab]").forEach((tab) => tab.addEventListener("click", () => choose(tab.dataset.tab)));

  const showState = (facts) => {
    const badge = new DOMParser().parseFromString(facts.badge, "text/html").body.firstElementChild;
    if (badge) part("badge").replaceChildren(badge);
    part("reason").textContent = facts.reason;
    const waiting = new DOMParser().parseFromString(facts.waiting, "text/html").body;
    part("waiting").replaceChildren(...waiting.childNodes);
    if (facts.duration) part("duration").textContent = facts.duration;
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
    const answer = await fetch(box.dataset.url, { credentials: "same-origin", cache: "no-store" });
    if (answer.redirected || !answer.ok) return;
    box.innerHTML = await answer.text();
    metricsBytes = bytes;
  };

  const tick = async () => {
    let wait = EVERY_MS;
    if (!document.hidden) {
      try {
        const answer = await fetch(page.dataset.state, { credentials: "same-origin", cache: "no-store" });
        if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
        const facts = await answer.json();
        showState(facts);
        // Buttons, times and files depend on the state; the page is made anew where it changed.
        if (facts.status !== status && (!facts.is_active || facts.status === "running")) {
          location.reload();
          return;
        }
        status = facts.status;
        isActive = facts.is_active;
        await showMetrics(facts.metrics_bytes);
        if (await logs.get(current).poll()) wait = AT_ONCE_MS;
      } catch {
        wait = 5 * EVERY_MS;
      }
    }
    if (isActive) setTimeout(tick, wait);
  };

  readAll(logs.get(current));
  if (isActive) setTimeout(tick, EVERY_MS);

  page.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      const label = button.textContent;
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  });
  page.querySelectorAll("form[data-ask]").forEach((form) => form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.ask)) event.preventDefault();
  }));
});
