/* Connecting an account service: addresses are copied with one press, and a service is asked who it is while its
   address is being typed. Without this script the address can be selected, and the button asks. */

const PAUSE = 900;

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  const label = button.textContent;
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.done;
      setTimeout(() => (button.textContent = label), 3000);
    } catch {
      field.focus();
    }
  });
}

for (const form of document.querySelectorAll("[data-checks]")) {
  const result = form.querySelector(".check-result");
  const fields = form.dataset.asks.split(" ").map((name) => form.elements[name]).filter(Boolean);
  if (!result || !fields.length) continue;
  let timer = 0;
  let asked = null;
  let last = "";

  const ask = async (anew) => {
    clearTimeout(timer);
    const body = new URLSearchParams();
    for (const name of ["genre", "fournisseur", "label"]) if (form.elements[name]) body.set(name, form.elements[name].value);
    for (const field of fields) body.set(field.name, field.value);
    if (fields.some((field) => !field.value.trim()) || (!anew && body.toString() === last)) return;
    last = body.toString();
    asked?.abort();
    asked = new AbortController();
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.checks, { method: "POST", body, headers: { "X-Fragment": "1" }, signal: asked.signal });
      // The server made and escaped it, as it does without this script.
      if (answer.ok) result.innerHTML = await answer.text();
    } catch {
      // The next change, or the button, asks again.
    } finally {
      result.removeAttribute("aria-busy");
    }
  };

  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => ask(), PAUSE);
    });
    field.addEventListener("change", () => ask());
  }
  form.querySelector("[data-verifies]").addEventListener("click", (event) => {
    event.preventDefault();
    ask(true);
  });
}
