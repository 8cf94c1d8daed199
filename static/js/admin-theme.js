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
}

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => follow().catch(() => {}), 150);
});
