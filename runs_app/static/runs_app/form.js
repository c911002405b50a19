// The form of a run: shows the exact command while it is filled in. Everything works without it.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("gfr-form");
  if (!form) return;
  const WAIT_MS = 250;
  const queue = form.querySelector("[data-role=queue]");
  const states = new Map();

  // What one card holds, and what all of them share.
  const dataOf = (card) => {
    const data = new FormData(form);
    const prefix = `${card.dataset.experiment}-`;
    const own = new FormData();
    for (const [name, value] of data) {
      if (name.startsWith(prefix) || ["type", "again", "read", "not_before"].includes(name)) own.append(name, value);
    }
    own.append("experiment", card.dataset.experiment);
    return own;
  };

  // The interpreter of an experiment may be asked for the answer, which takes its time.
  const ANSWER_WITHIN_MS = 90000;
  const post = (url, body, signal) =>
    window.GuardianFlowFresh.post(url, body, { signal, within_ms: ANSWER_WITHIN_MS });

  const part = (card, role) => card.querySelector(`[data-role=${role}]`);

  // All are queued or none: what is refused is named beside the button that leaves it out.
  const refused = form.querySelector("[data-role=refused]");
  const allow = () => {
    queue.disabled = [...states.values()].some((state) => state.error || state.busy);
    if (!refused) return;
    const names = [...states].filter(([, state]) => state.error).map(([card]) => card.querySelector("h2").textContent);
    refused.hidden = !names.length;
    refused.querySelector("[data-role=refused-names]").textContent = names.join(", ");
    refused.querySelector("[data-role=leave-out]").textContent = refused.dataset.words.replace("{count}", names.length);
  };

  const show = (card, answer) => {
    const command = part(card, "command");
    const error = part(card, "error");
    const warnings = part(card, "warnings");
    command.textContent = answer.command;
    command.hidden = !answer.command;
    const together = part(card, "together");
    if (together) {
      together.textContent = (answer.together || []).join("\n");
      together.hidden = !together.textContent;
      const count = part(card, "together-count");
      count.textContent = answer.together_count || "";
      count.hidden = !answer.together_count;
    }
    error.textContent = answer.error;
    error.hidden = !answer.error;
    part(card, "cwd").textContent = answer.cwd;
    const environment = part(card, "environment");
    environment.querySelector("code").textContent = answer.environment;
    environment.hidden = !answer.environment;
    part(card, "force").hidden = !answer.can_force;
    const portalPython = part(card, "portal-python");
    if (portalPython) portalPython.hidden = !answer.offers_portal;
    warnings.replaceChildren(...answer.warnings.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
    warnings.hidden = !answer.warnings.length;
    part(card, "preview").classList.remove("gfr-old");
  };

  const refresh = async (card) => {
    const state = states.get(card);
    if (state.request) state.request.abort();
    const request = new AbortController();
    state.request = request;
    try {
      const response = await post(form.dataset.preview, dataOf(card), request.signal);
      const answer = await response.json();
      if (state.request !== request) return;
      state.error = Boolean(answer.error);
      show(card, answer);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.error = true;
      show(card, { command: "", cwd: "", environment: "", warnings: [], can_force: false, error: form.dataset.failed });
    }
    state.busy = false;
    allow();
  };

  const soon = (card) => {
    const state = states.get(card);
    clearTimeout(state.timer);
    state.busy = true;
    part(card, "preview").classList.add("gfr-old");
    allow();
    state.timer = setTimeout(() => refresh(card), WAIT_MS);
  };

  const changeScript = async (card) => {
    const state = states.get(card);
    clearTimeout(state.timer);
    state.busy = true;
    allow();
    try {
      const response = await post(form.dataset.fields, dataOf(card));
      // Made by the portal with everything escaped; it holds no script.
      part(card, "parameters").innerHTML = await response.text();
    } catch {
      state.error = true;
    }
    refresh(card);
  };

  for (const card of form.querySelectorAll(".gfr-card")) {
    states.set(card, { error: !part(card, "error").hidden, busy: false, timer: 0, request: null });
    card.addEventListener("input", (event) => {
      if (!["script", "command"].includes(event.target.dataset.role)) soon(card);
    });
    card.addEventListener("change", (event) => {
      if (event.target.dataset.role === "command") changeScript(card);
    });
    const script = part(card, "script");
    if (script) script.addEventListener("change", () => changeScript(card));
  }
  form.elements.not_before.addEventListener("input", () => states.forEach((_state, card) => soon(card)));
  allow();
  document.addEventListener("gf-ask-again", () => states.forEach((state, card) => { if (state.error) soon(card); }));
  form.querySelector("[data-role=preview-button]").hidden = true;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  // The browser may bring back a page that was left; its form may be sent again then.
  window.addEventListener("pageshow", () => delete form.dataset.sent);
});
