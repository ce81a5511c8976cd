/* A field that narrows a long list as one types, whatever the accents and capitals. Without a script the list is whole. */

/** A text as somebody types it: whatever its accents and capitals. */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’']/g, " ").toLowerCase();
}

for (const field of document.querySelectorAll("[data-narrows]")) {
  const items = [...document.getElementById(field.dataset.narrows).children].map((item) => [item, plain(item.textContent)]);
  const counts = document.querySelector(`[data-counts="${field.dataset.narrows}"]`);
  field.closest("[hidden]").hidden = false;
  field.addEventListener("input", () => {
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [item, text] of items) {
      item.hidden = !words.every((word) => text.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    counts.textContent = shown === 1 ? counts.dataset.one : counts.dataset.many.replace("{count}", shown);
  });
}
