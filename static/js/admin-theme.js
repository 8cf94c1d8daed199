// The look: a well for each colour, and the samples follow what is chosen. The server reckons; nothing is saved.

const form = document.querySelector("[data-theme]");
const look = document.querySelector("[data-look]");
const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";

for (const field of form?.querySelectorAll("[data-colour]:not(:disabled)") ?? []) {
  const well = document.createElement("input");
  well.type = "color";
  well.value = field.value;
  well.setAttribute("aria-label", `${field.labels[0].textContent}: choose`);
  const row = document.createElement("div");
  row.className = "colour-row";
  field.replaceWith(row);
  row.append(well, field);
  well.addEventListener("input", () => {
    field.value = well.value.toUpperCase();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) well.value = field.value;
  });
}

/** A button beside the colours that are offered, which takes them. */
function offer() {
  const better = [...look.querySelectorAll("[data-better]")];
  if (!form || better.length === 0) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = better.length > 1 ? "Use them" : "Use it";
  button.addEventListener("click", () => {
    for (const one of better) {
      const field = form.elements[one.dataset.better];
      field.value = one.textContent;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  better.at(-1).closest(".notice").append(button);
}

// The form that offers them without a script has done its work.
document.querySelector("form.offer")?.remove();
offer();

let waiting = 0;
let asked = 0;

async function follow() {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("_once");
  const turn = ++asked;
  const answer = await fetch("/admin/theme/check", { method: "POST", headers: { "X-CSRF-Token": csrf }, body: fields });
  // A colour that is being typed is no colour yet.
  if (!answer.ok || turn !== asked) return;
  const isOpen = look.querySelector("details")?.open;
  look.innerHTML = await answer.text();
  if (isOpen !== undefined) look.querySelector("details").open = isOpen;
  offer();
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => follow().catch(() => {}), 150);
});
