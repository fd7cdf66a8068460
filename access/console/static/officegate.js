"use strict";
// Everything here is a convenience: each page does its work without it.

// Copies what an element holds; says so where screen readers hear it.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const found = document.querySelectorAll(button.dataset.copy);
    await navigator.clipboard.writeText([...found].map((each) => each.textContent.trim()).join("\n"));
    document.getElementById("live").textContent = button.dataset.done;
    button.textContent = button.dataset.done;
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A list that keeps itself fresh, while somebody looks at it and nobody is in the middle of it.
for (const box of document.querySelectorAll("[data-refresh]")) {
  const state = document.getElementById("fresh");
  let running = true;
  const toggle = document.getElementById("pause");
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      running = !running;
      toggle.setAttribute("aria-pressed", String(!running));
    });
  }
  setInterval(async () => {
    if (!running || document.hidden || box.contains(document.activeElement) || box.querySelector("details[open]")) return;
    try {
      const answer = await fetch(box.dataset.refresh, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      box.innerHTML = await answer.text();
      if (state) state.textContent = box.querySelector("[data-as-of]").dataset.asOf;
    } catch {
      if (state) state.textContent = state.dataset.lost;
    }
  }, 5000);
}

// A form that is sent twice does its work twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
