/* A question that depends on an answer shows once that answer is chosen. Without a script all of them show, and say of whom they are asked. */

const depending = [...document.querySelectorAll("[data-asked-when]")];

function show() {
  // In their order: what is not asked leads to nothing.
  for (const question of depending) {
    const leading = [...document.querySelectorAll(".asked-one input:checked")];
    question.hidden = !leading.some((input) => input.value === question.dataset.askedWhen && !input.closest("[data-asked-when][hidden]"));
  }
}

if (depending.length) {
  document.addEventListener("change", show);
  show();
}
