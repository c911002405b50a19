// Small helpers for every page. No inline handlers: pages use data attributes.
"use strict";

// data-confirm on a form: ask before submitting it.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// On a phone a wide table stacks its cells: each shows the name of its column.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.gf-roomy")) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
    for (const cell of table.querySelectorAll("tbody td")) {
      if (heads[cell.cellIndex]) cell.dataset.label = heads[cell.cellIndex];
    }
  }
});

// The theme writes the name of a chosen file into a field that only its own inputs have.
document.addEventListener("change", (event) => {
  if (event.target.classList.contains("gf-file")) event.stopPropagation();
}, true);

// Make clickable elements of the theme reachable by keyboard. Escape closes what they opened, like a
// click elsewhere, and returns the focus.
let opener = null;
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !opener || event.target.matches("input, textarea, select")) return;
  document.body.click();
  opener.focus();
  opener = null;
});
// The menu beside a field is built at the end of the document: the focus has to be led there.
const menuBeside = (element) => {
  const name = (element.getAttribute("x-ref") || "").replace(/^relatedWidgetWrapper/, "");
  return name && document.getElementById(`related-widget-wrapper-${name}`);
};
const ownName = (element) => {
  const field = element.closest(".related-widget-wrapper");
  const label = field && document.querySelector(`label[for="${CSS.escape(field.querySelector("select, input")?.id || "")}"]`);
  return label && label.textContent.trim();
};
document.addEventListener("DOMContentLoaded", () => {
  for (const icon of document.querySelectorAll(".material-symbols-outlined:not([x-on\\:click])")) {
    icon.setAttribute("aria-hidden", "true");
  }
  for (const element of document.querySelectorAll("[x-on\\:click]:not(a[href], button, input, select, textarea)")) {
    if (!element.hasAttribute("tabindex")) element.tabIndex = 0;
    if (!element.hasAttribute("role")) element.setAttribute("role", "button");
    const name = ownName(element);
    if (name) element.setAttribute("aria-label", `${name} …`);
    element.addEventListener("keydown", (event) => {
      if (event.target !== element || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      opener = element;
      element.click();
      const menu = menuBeside(element);
      if (menu) requestAnimationFrame(() => menu.querySelector("a[href]")?.focus());
    });
  }
});
// Django's filters of long choices give a name to an element that may have none.
window.addEventListener("load", () => window.setTimeout(() => {
  for (const help of document.querySelectorAll(".selector .help-tooltip")) help.setAttribute("role", "img");
}));

// What scrolls inside a page can be scrolled by keyboard; what does not is no stop of the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  const look = new ResizeObserver((entries) => {
    for (const { target: box } of entries) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  });
  for (const box of document.querySelectorAll(".gf-scroll, .gfr-scroll, .gfr-tall")) look.observe(box);
});

// The links that skip the menus. The address stays: the theme reads tabs from its fragment.
document.addEventListener("DOMContentLoaded", () => {
  const rows = document.querySelector("#result_list tbody a, [data-rows] a");
  for (const link of document.querySelectorAll(".gf-skip a")) {
    const target = link.matches("[data-skip-rows]") ? rows : document.getElementById("gf-main");
    link.hidden = !target;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: "nearest" });
    });
  }
});

// The search in the sidebar: Enter opens the line that the arrows chose, else the first one.
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "nav-filter" || event.key !== "Enter") return;
  event.preventDefault();
  event.stopPropagation();
  const found = document.getElementById("search-results");
  const link = found.querySelector("li.gf-chosen a") || found.querySelector("li a");
  if (link) window.location = link.href;
}, true);

// The command palette: the theme ignores a response without results, including its
// "no results" line.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target, xhr } = event.detail;
  if (target.id !== "command-results" || document.getElementById("command-results-list")) return;
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  target.replaceChildren(...[answer.querySelector("ul")].filter(Boolean));
});

// Menus of buttons: arrows walk through the entries, Escape and a click elsewhere close them.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest(".gf-menu");
  if (!menu) return;
  const details = menu.querySelector("details");
  const summary = menu.querySelector("summary");
  const entries = [...menu.querySelectorAll("nav a, nav button")];
  if (event.key === "Escape" && details.open) {
    details.open = false;
    summary.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    details.open = true;
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = entries.indexOf(document.activeElement) + step;
    entries[(next + entries.length) % entries.length].focus();
  } else {
    return;
  }
  event.preventDefault();
});
for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const open of document.querySelectorAll(".gf-menu details[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
}
