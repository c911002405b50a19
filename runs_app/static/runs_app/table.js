// The table of runs: keys, ticked rows, live rows, and the forms of filters and columns on demand.
"use strict";
(() => {
  const EVERY_MS = 4000;
  const MAX_COMPARED = 100;

  const start = (table) => {
    const fresh = window.GuardianFlowFresh;
    const { list, query, foreign, inside, newest } = table.dataset;
    const body = table.querySelector("[data-rows]");
    const rows = () => [...table.querySelectorAll("[data-rows] > tr")];
    const linkOf = (row) => row.querySelector(".gf-c-id a");
    const tickOf = (row) => row.querySelector(".gf-c-tick input");
    const ticked = () => rows().filter((row) => tickOf(row).checked).map((row) => row.dataset.run);

    // What is ticked
    const tray = table.querySelector(".gf-tray");
    const all = table.querySelector("[data-tick-all]");
    const compareLink = table.querySelector("[data-compare]");
    const companions = [...table.querySelectorAll("[data-with]")];
    const mayCompare = () => ticked().length >= 2 && ticked().length <= MAX_COMPARED;
    // The link of each row: beside what is ticked, else beside the best.
    const besideOf = (row) => row.querySelector(".gf-beside");
    const showBeside = (row, numbers) => {
      const others = numbers.filter((one) => one !== row.dataset.run).slice(0, MAX_COMPARED - 1);
      const link = besideOf(row);
      const words = table.dataset[others.length ? "besideTicked" : "besideBest"];
      const chosen = new URLSearchParams([...others, row.dataset.run].map((one) => ["run", one]));
      link.href = `${compareLink.dataset.compare}?${chosen}${others.length ? "" : "&with=best"}`;
      link.title = words;
      link.setAttribute("aria-label", `#${row.dataset.run}: ${words}`);
    };
    const showTicked = () => {
      const numbers = ticked();
      const count = table.querySelector("[data-ticked]");
      tray.hidden = !numbers.length;
      count.textContent = count.dataset.ticked.replace("{count}", numbers.length);
      table.querySelector("[data-numbers]").textContent = numbers.map((one) => `#${one}`).join(" ");
      const address = `${compareLink.dataset.compare}?${new URLSearchParams(numbers.map((one) => ["run", one]))}`;
      compareLink.hidden = !mayCompare();
      compareLink.href = address;
      companions.forEach((link) => {
        link.hidden = numbers.length !== 1;
        link.href = `${address}&with=${link.dataset.with}`;
      });
      rows().forEach((row) => showBeside(row, numbers));
      all.checked = numbers.length > 0 && numbers.length === rows().length;
      all.indeterminate = numbers.length > 0 && !all.checked;
    };
    const clear = () => {
      rows().forEach((row) => { tickOf(row).checked = false; });
      showTicked();
    };

    // Live rows: one request for those that are active and visible
    const seen = new Set();
    const watcher = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
      seen[isIntersecting ? "add" : "delete"](target);
    }));
    const active = () => rows().filter((row) => row.hasAttribute("data-active"));
    const replace = (old, html) => {
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const row = holder.content.querySelector("tr");
      if (!row) return;
      const focus = old.contains(document.activeElement) ? (document.activeElement === tickOf(old) ? tickOf : linkOf) : null;
      tickOf(row).checked = tickOf(old).checked;
      watcher.unobserve(old);
      seen.delete(old);
      old.replaceWith(row);
      watcher.observe(row);
      showBeside(row, ticked());
      if (focus) focus(row).focus({ preventScroll: true });
    };
    const newRuns = table.querySelector(".gf-new-runs");
    const showNew = (count) => {
      newRuns.hidden = !count;
      newRuns.textContent = newRuns.dataset.new.replace("{count}", count);
    };
    const name = document.title;
    const showTitle = () => {
      const bar = document.getElementById("gf-stale");
      const count = active().length;
      if (!inside && bar) fresh.title(count ? `${bar.dataset.active.replace("{count}", count)} · ${name}` : name);
    };
    const refresh = async () => {
      const live = active();
      if (!live.length && !newest) return null;
      // Where none is visible and no newer run is asked for, all: a page that asks nothing notices nothing.
      const visible = live.filter((row) => seen.has(row));
      const asked = visible.length || newest ? visible : live;
      const address = new URL(`rows/?${query}`, new URL(list, location.href));
      asked.forEach((row) => address.searchParams.append("id", row.dataset.run));
      if (newest) address.searchParams.set("newest", newest);
      if (inside) address.searchParams.set("inside", inside);
      const answer = await (await fresh.ask(address)).json();
      asked.forEach((row) => answer.rows[row.dataset.run] && replace(row, answer.rows[row.dataset.run]));
      showNew(answer.new);
      showTitle();
      return EVERY_MS;
    };

    // Keys: j and k move the focus itself, so that Enter and the screen reader follow
    const here = () => rows().indexOf(document.activeElement && document.activeElement.closest("tr"));
    const move = (step) => {
      const some = rows();
      const next = some[Math.min(some.length - 1, Math.max(0, here() + step))];
      if (!next) return;
      linkOf(next).focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    };
    const keys = table.querySelector(".gf-keys-box");
    const turn = (rel) => {
      const link = table.querySelector(`.gf-foot a[rel=${rel}]`);
      if (link) link.click();
    };
    const actions = {
      j: () => move(1),
      k: () => move(-1),
      x: () => {
        const row = rows()[here()];
        if (row) tickOf(row).click();
      },
      n: () => {
        const row = rows()[here()];
        if (row) location.assign(`${linkOf(row).href}#remarks`);
      },
      "[": () => turn("prev"),
      "]": () => turn("next"),
      c: () => { if (ticked().length) (mayCompare() ? compareLink : companions[0]).click(); },
      "/": () => table.querySelector(".gf-find").focus(),
      "?": () => keys.showModal(),
      Escape: () => { if (body) clear(); },
    };
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select, dialog *");
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping || keys.open) return;
      const open = table.querySelector(".gf-pop[open]");
      if (event.key === "Escape" && open) {
        open.open = false;
        open.querySelector("summary").focus();
        return;
      }
      const act = actions[event.key];
      if (!act || (!body && event.key !== "/" && event.key !== "?")) return;
      event.preventDefault();
      act();
    });

    if (body) {
      table.addEventListener("change", (event) => {
        if (event.target === all) rows().forEach((row) => { tickOf(row).checked = all.checked; });
        if (event.target === all || event.target.name === "_selected_action") showTicked();
      });
      table.querySelector("[data-clear]").addEventListener("click", clear);
      table.querySelector("[data-rows-form]").addEventListener("submit", (event) => {
        const question = event.submitter && event.submitter.dataset.sure;
        if (question && !window.confirm(question)) event.preventDefault();
      });
      rows().forEach((row) => watcher.observe(row));
      showTicked(); // a browser that goes back restores ticks
      showTitle();
      if (active().length || newest) fresh.follow(refresh, { first_ms: EVERY_MS });
    }
    newRuns.addEventListener("click", () => location.reload());
    table.querySelector("[data-keys]").addEventListener("click", () => keys.showModal());

    // The forms are fetched when they are opened; fields without a value stay out of the address
    const choices = table.querySelector("[data-choices]");
    choices.addEventListener("toggle", async () => {
      const box = choices.querySelector(".gf-pop-box");
      if (!choices.open || box.querySelector("form")) return;
      const answer = await fresh.ask(new URL(`choices/?${query}`, new URL(list, location.href)));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      box.replaceChildren(...page.body.children);
      for (const form of box.querySelectorAll("form")) {
        for (const [name, value] of new URLSearchParams(foreign)) {
          form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
        }
      }
      box.querySelector("select, input:not([type=hidden])").focus();
    });
    choices.addEventListener("submit", (event) => {
      event.target.querySelectorAll("select, input").forEach((field) => { field.disabled = !field.value; });
    });
    document.addEventListener("click", (event) => { if (!choices.contains(event.target)) choices.open = false; });
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".gf-runs").forEach(start));
})();
