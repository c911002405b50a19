// The form of a run: shows the exact command while it is filled in. Everything works without it.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("gfr-form");
  if (!form) return;
  const WAIT_MS = 250;
  const queue = form.querySelector("[data-role=queue]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const states = new Map();

  // What one card holds, and what all of them share.
  const dataOf = (card) => {
    const data = new FormData(form);
    const prefix = `${card.dataset.experiment}-`;
    const own = new FormData();
    for (const [name, value] of data) {
      if (name.startsWith(prefix) || ["type", "again", "read"].includes(name)) own.append(name, value);
    }
    own.append("experiment", card.dataset.experiment);
    return own;
  };

  const post = (url, body, signal) =>
    fetch(url, { method: "POST", body, signal, credentials: "same-origin", headers: { "X-CSRFToken": token } });

  const part = (card, role) => card.querySelector(`[data-role=${role}]`);

  const allow = () => {
    queue.disabled = [...states.values()].some((state) => state.error || state.busy);
  };

  const show = (card, answer) => {
    const command = part(card, "command");
    const error = part(card, "error");
    const warnings = part(card, "warnings");
    command.textContent = answer.command;
    command.hidden = !answer.command;
    error.textContent = answer.error;
    error.hidden = !answer.error;
    part(card, "cwd").textContent = answer.cwd;
    part(card, "force").hidden = !answer.can_force;
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
      if (response.redirected || !response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      if (state.request !== request) return;
      state.error = Boolean(answer.error);
      show(card, answer);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      state.error = true;
      show(card, { command: "", cwd: "", warnings: [], can_force: false, error: form.dataset.failed });
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
      if (response.redirected || !response.ok) throw new Error(String(response.status));
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
      if (event.target.dataset.role !== "script") soon(card);
    });
    const script = part(card, "script");
    if (script) script.addEventListener("change", () => changeScript(card));
  }
  allow();
  form.querySelector("[data-role=preview-button]").hidden = true;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  // The browser may bring back a page that was left; its form may be sent again then.
  window.addEventListener("pageshow", () => delete form.dataset.sent);
});
