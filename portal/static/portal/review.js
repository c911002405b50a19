// Answer proposals by keyboard, and select many at once. Everything works without this script too.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("gf-review");
  if (!form) return;
  const rows = [...form.querySelectorAll("[data-proposal]")];
  const boxOf = (row) => row.querySelector('input[name="chosen"]');
  const boxes = rows.map(boxOf).filter(Boolean);
  const all = form.querySelector("[data-choose-all]");
  const groups = [...form.querySelectorAll("[data-choose-group]")];
  const count = form.querySelector("[data-chosen-count]");
  const place = "gf-review-place";

  const inGroup = (box) => [...box.closest("[data-group]").querySelectorAll('input[name="chosen"]')];
  const mark = (box, members) => {
    const chosen = members.filter((member) => member.checked).length;
    box.checked = chosen > 0 && chosen === members.length;
    box.indeterminate = chosen > 0 && chosen < members.length;
  };
  const show = () => {
    if (all) mark(all, boxes);
    for (const box of groups) mark(box, inGroup(box));
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = count.dataset.words.replace("{count}", chosen);
  };
  for (const box of [all, ...groups].filter(Boolean)) {
    box.hidden = false;
    box.addEventListener("change", () => {
      for (const member of box === all ? boxes : inGroup(box)) member.checked = box.checked;
      show();
    });
  }
  for (const box of boxes) box.addEventListener("change", show);
  for (const keys of form.querySelectorAll("[data-keys]")) keys.hidden = false;
  show();

  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (index) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    const target = row && (boxOf(row) || row.querySelector("a, button"));
    if (target) target.focus();
    if (row) row.scrollIntoView({ block: "nearest" });
  };
  const press = (row, name) => {
    const button = row.querySelector(`button[name="${name}"]`);
    if (button) button.click();
  };

  // The list is shorter after the answer of a row: continue at the same position. After an answer
  // to many, the message at the top is read first.
  form.addEventListener("submit", () => {
    if (here() >= 0) sessionStorage.setItem(place, String(here()));
  });
  const last = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  if (last !== null) go(Number(last));

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("textarea, select, input:not([type=checkbox])");
    const row = rows[here()];
    if (field) {
      if (row && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        press(row, "accept");
      } else if (row && event.key === "Escape") {
        row.querySelector("details").open = false;
        go(here());
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      j: () => go(here() + 1),
      k: () => go(here() - 1),
      x: () => row && boxOf(row).click(),
      a: () => row && press(row, "accept"),
      r: () => row && press(row, "reject"),
      o: () => row && row.querySelector(".gf-evidence") && row.querySelector(".gf-evidence").click(),
      e: () => {
        const edit = row && row.querySelector("details");
        if (!edit) return;
        edit.open = true;
        edit.querySelector("textarea").focus();
      },
    };
    if (Object.hasOwn(acts, event.key)) {
      event.preventDefault();
      acts[event.key]();
    }
  });
});
