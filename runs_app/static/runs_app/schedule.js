// The next times of a cron line, while it is typed. Everything works without it.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const line = document.getElementById("id_cron");
  const shown = document.querySelector("[data-next-times]");
  if (!line || !shown) return;
  const WAIT_MS = 300;
  let timer = 0;
  let request = null;

  const refresh = async () => {
    if (request) request.abort();
    request = new AbortController();
    const { signal } = request;
    try {
      const address = `${shown.dataset.nextTimes}?cron=${encodeURIComponent(line.value)}`;
      const answer = await fetch(address, { signal });
      // Made by the portal with everything escaped; it holds no script.
      if (answer.ok && !answer.redirected) shown.innerHTML = await answer.text();
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  };
  line.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT_MS);
  });
});
