// Shows when a page gets no updates: since when it is stale, and why. A user whose session has ended
// logs in again in place, so that no typed text is lost.
"use strict";
window.GuardianFlowFresh = (() => {
  // Every polling page polls at least every four seconds, so that it notices within ten.
  const EVERY_MS = 4000;
  const ANSWER_WITHIN_MS = 4000;
  const SILENT_MS = 8000;
  let bar = null;
  let name = "";
  let lastNews = Date.now();
  let shownSince = Date.now();
  let follows = false;
  let why = "";
  let open = 0;
  let logsIn = false;

  class NoNews extends Error {
    constructor(reason) {
      super(reason);
      this.reason = reason;
    }
  }

  const moment = (at) => new Intl.DateTimeFormat("sv-SE", {
    timeZone: bar.dataset.zone, dateStyle: "short", timeStyle: "medium",
  }).format(at);

  const isLogIn = (address) => new URL(address, location.href).pathname === new URL(bar.dataset.login, location.href).pathname;

  const showTitle = () => {
    document.title = why && bar ? `${bar.dataset.title} · ${name}` : name;
  };

  const fail = (reason) => {
    if (!bar || why === reason) return;
    why = reason;
    bar.querySelector("[data-since]").textContent = bar.dataset.since.replace("{time}", moment(lastNews));
    bar.querySelectorAll("[data-why]").forEach((one) => { one.hidden = one.dataset.why !== reason; });
    bar.hidden = false;
    showTitle();
  };

  const news = () => {
    lastNews = Date.now();
    if (!why) return;
    const before = why;
    why = "";
    bar.hidden = true;
    showTitle();
    // Logged in again in another tab: the forms of this page still have the old session's tokens.
    if (before === "signed-out") renew();
  };

  const reasonOf = (answer) => {
    if (answer.redirected && isLogIn(answer.url)) return "signed-out";
    if (answer.ok) return answer.redirected ? "failed" : "";
    return { 401: "signed-out", 403: "refused", 404: "gone" }[answer.status] || "failed";
  };

  // Like `fetch`, but throws NoNews, and shows the problem, unless the response is good.
  // `within_ms` is the timeout; `may_be_gone`: a 404 is not a problem.
  const ask = async (address, { within_ms: within = ANSWER_WITHIN_MS, may_be_gone: mayBeGone = false, ...options } = {}) => {
    if (logsIn) throw new NoNews("signed-out");
    const limit = AbortSignal.timeout(within);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    let answer;
    open += 1;
    try {
      answer = await fetch(address, { credentials: "same-origin", cache: "no-store", ...options, signal });
    } catch (problem) {
      if (options.signal && options.signal.aborted) throw problem;
      fail("away");
      throw new NoNews("away");
    } finally {
      open -= 1;
    }
    const reason = reasonOf(answer);
    if (reason) {
      if (reason !== "gone" || !mayBeGone) fail(reason);
      throw new NoNews(reason);
    }
    news();
    return answer;
  };

  const tokenField = () => document.querySelector("input[name=csrfmiddlewaretoken]");

  // Sends a form to a URL that changes nothing. After a log-in in another tab the token has
  // changed, so a refused request is retried once.
  const post = async (address, body, options = {}) => {
    const send = () => ask(address, { ...options, method: "POST", body, headers: { "X-CSRFToken": tokenField().value } });
    const before = tokenField().value;
    try {
      return await send();
    } catch (problem) {
      if (problem.reason !== "refused") throw problem;
      await renew();
      if (tokenField().value === before) throw problem;
      return send();
    }
  };

  // Updates the tokens of forms from the present session; reloads a page of another user.
  const take = (page) => {
    const there = page.querySelector(".gf-header-tools[data-user]");
    const token = page.querySelector("input[name=csrfmiddlewaretoken]");
    if (!there || !token) return false;
    if (there.dataset.user !== bar.dataset.user) {
      location.reload();
      return true;
    }
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((one) => { one.value = token.value; });
    return true;
  };

  const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

  const renew = async () => {
    try {
      take(await parsed(await fetch(bar.dataset.home, { credentials: "same-origin" })));
    } catch { /* the next request shows the problem */ }
  };

  const pause = (ms) => new Promise((done) => { window.setTimeout(done, ms); });

  const logIn = async (form) => {
    const said = form.querySelector("[data-said]");
    said.textContent = "";
    // The response to an earlier request sets the cookie of the old session, which would replace
    // the new one: no request may be in flight.
    logsIn = true;
    while (open) await pause(50);
    try {
      const address = `${bar.dataset.login}?next=${encodeURIComponent(bar.dataset.home)}`;
      const asked = await parsed(await fetch(address, { credentials: "same-origin" }));
      const body = new URLSearchParams(new FormData(form));
      const token = asked.querySelector("form input[name=csrfmiddlewaretoken]");
      if (token) body.set("csrfmiddlewaretoken", token.value);
      body.set("next", bar.dataset.home);
      const page = await parsed(await fetch(address, { method: "POST", body, credentials: "same-origin" }));
      form.elements.password.value = "";
      if (take(page)) {
        why = "";
        bar.hidden = true;
        lastNews = Date.now();
        showTitle();
        logsIn = false;
        document.dispatchEvent(new Event("gf-ask-again"));
        // The same for other tabs, which poll on their own.
        window.setTimeout(renew, 2 * ANSWER_WITHIN_MS);
        return;
      }
      const refusals = [...page.querySelectorAll(".errornote")].map((one) => one.textContent.trim());
      said.textContent = refusals.pop() || bar.dataset.refused;
      form.elements.password.focus();
    } catch {
      said.textContent = bar.dataset.unanswered;
    } finally {
      logsIn = false;
    }
  };

  // The title of the page, with a mark before it while the page is stale.
  const title = (text) => {
    name = text;
    showTitle();
  };

  // Calls `work` repeatedly: it returns the milliseconds to the next call, null to stop.
  const follow = (work, { first_ms: first = 0, retry_ms: retry = EVERY_MS } = {}) => {
    let timer = 0;
    let atWork = false;
    let over = false;
    follows = true;
    const later = (wait) => { timer = window.setTimeout(go, wait); };
    const go = async () => {
      window.clearTimeout(timer);
      if (atWork || over) return;
      if (document.hidden) {
        later(retry);
        return;
      }
      atWork = true;
      let wait = retry;
      try {
        wait = await work();
      } catch (problem) {
        if (!(problem instanceof NoNews)) throw problem;
        if (problem.reason === "gone") wait = null;
      } finally {
        atWork = false;
        if (wait === null) {
          over = true;
          follows = false;
        } else {
          later(wait);
        }
      }
    };
    document.addEventListener("visibilitychange", () => { if (!document.hidden) go(); });
    document.addEventListener("gf-ask-again", go);
    later(first);
  };

  document.addEventListener("DOMContentLoaded", () => {
    bar = document.getElementById("gf-stale");
    name = document.title;
    if (!bar) return;
    document.body.append(bar);
    // A page that says what happens now, or takes text, and follows nothing that it could hear from.
    const { session } = bar.dataset;
    if (session) follow(() => ask(session).then(() => EVERY_MS), { first_ms: EVERY_MS });
    bar.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      logIn(event.target);
    });
    // A machine that slept, or a tab with throttled timers, does not poll at all.
    document.addEventListener("visibilitychange", () => { shownSince = Date.now(); });
    window.setInterval(() => {
      const silent = Date.now() - Math.max(lastNews, shownSince);
      if (follows && !document.hidden && !why && silent > SILENT_MS) fail("away");
    }, 1000);
  });

  return { ask, post, follow, title };
})();
