// Pages to read: parts that are fetched after the page, and keys for its buttons.
"use strict";

(() => {
  const { ask, post } = window.GuardianFlowFresh;

  const entries = async (address) => {
    const page = new DOMParser().parseFromString(await (await ask(address)).text(), "text/html");
    return [...page.body.childNodes];
  };

  // An element with data-part has a link to its content, and shows the content in its place.
  const load = async (element) => {
    try {
      element.replaceChildren(...await entries(element.dataset.part));
    } catch { /* the notice at the foot says why; the link stays */ }
  };

  // A link with data-more is replaced by what follows.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-more]");
    if (!link) return;
    event.preventDefault();
    const address = new URL(link.href);
    address.searchParams.set("part", "1");
    try {
      const more = await entries(address);
      const last = link.closest("li");
      const first = more.find((one) => one.nodeType === Node.ELEMENT_NODE);
      last.replaceWith(...more);
      if (first) {
        first.tabIndex = -1;
        first.focus();
      }
    } catch { /* as above */ }
  });

  // data-key on a link or button: the key that presses it.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll("[data-part]")) load(element);
    // data-report: a form that is sent once its page is shown, because opening a page writes nothing.
    for (const form of document.querySelectorAll("form[data-report]")) {
      post(form.action, new FormData(form)).catch(() => { /* only the time of this visit is lost */ });
    }
  });
})();
