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

// Passkeys: what is asked comes from us when the button is pressed, the answer goes back in the form.
const toOctets = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const toText = (octets) =>
  btoa(String.fromCharCode(...new Uint8Array(octets))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function askPasskey(form) {
  const sent = { method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error" };
  const answer = await fetch(form.dataset.passkey, sent);
  const publicKey = await answer.json();
  if (!answer.ok) throw new Error(`${publicKey.title} ${publicKey.detail}`, { cause: "ours" });
  publicKey.challenge = toOctets(publicKey.challenge);
  for (const each of publicKey.excludeCredentials ?? publicKey.allowCredentials) each.id = toOctets(each.id);
  if (publicKey.user) publicKey.user.id = toOctets(publicKey.user.id);
  const made = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
  const response = { transports: made.response.getTransports?.() };
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = toText(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: toText(made.rawId), type: made.type, response });
}

function whyNoPasskey(error, words) {
  if (error.cause === "ours") return error.message;
  const known = { NotAllowedError: words.cancelled, AbortError: words.cancelled, InvalidStateError: words.known, SecurityError: words.elsewhere };
  return known[error.name] ?? words.failed;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  for (const told of document.querySelectorAll("[data-without-passkey]")) told.hidden = true;
  const said = form.querySelector("[role=alert]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.hidden = true;
    try {
      form.elements.credential.value = await askPasskey(form);
      form.submit();
    } catch (error) {
      said.textContent = whyNoPasskey(error, form.dataset);
      said.hidden = false;
      button.disabled = false;
      delete form.dataset.sent;
      button.focus();
    }
  });
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
