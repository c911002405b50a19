// Small helps for every page. No inline handlers: a page says what it wants in data attributes.
"use strict";

// data-confirm on a form: ask before it is sent.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// On a phone a wide table shows its cells below each other: each says what its column is.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.gf-roomy")) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const cell of table.querySelectorAll("tbody td")) {
      if (heads[cell.cellIndex]) cell.dataset.label = heads[cell.cellIndex];
    }
  }
});

// The theme wants to write the name of a chosen file into a field that only its own inputs have.
document.addEventListener("change", (event) => {
  if (event.target.classList.contains("gf-file")) event.stopPropagation();
}, true);

// What the theme made clickable without making it reachable: give it the keyboard. Escape closes
// what was opened so, as a click elsewhere does, and leads back to where one was.
let opener = null;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !opener || event.target.matches("input, textarea, select")) return;
  document.body.click();
  opener.focus();
  opener = null;
});
document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll("[x-on\\:click]:not(a[href], button, input, select, textarea)")) {
    if (!element.hasAttribute("tabindex")) element.tabIndex = 0;
    if (!element.hasAttribute("role")) element.setAttribute("role", "button");
    element.addEventListener("keydown", (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      opener = element;
      element.click();
    });
  }
  for (const icon of document.querySelectorAll(".material-symbols-outlined")) {
    icon.setAttribute("aria-hidden", "true");
  }
});

// The search beside the pages: Enter opens the line that the arrows chose, else the first one.
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "nav-filter" || event.key !== "Enter") return;
  event.preventDefault();
  event.stopPropagation();
  const found = document.getElementById("search-results");
  const link = found.querySelector("li.gf-chosen a") || found.querySelector("li a");
  if (link) window.location = link.href;
}, true);

// The palette of commands: of an answer without results the theme takes nothing over, not even
// the line that says so.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target, xhr } = event.detail;
  if (target.id !== "command-results" || document.getElementById("command-results-list")) return;
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  target.replaceChildren(...[answer.querySelector("ul")].filter(Boolean));
});
