// Enhances the form of the list and the one for messages. Without this file they work: the browser validates, the server answers.
// The messages stand in the form's own attributes, so they are the server's words in the page's language.

const form = document.querySelector("#join-form, #contact-form");
const arrived = performance.now();

const messageFor = (control) => {
  if (control.validity.valueMissing || (control.required && control.type !== "checkbox" && control.value.trim() === "")) {
    return control.dataset.required ?? "";
  }
  if (control.type === "email" && !isAddress(control.value.trim())) {
    return control.dataset.invalid ?? "";
  }
  return "";
};

// One @, something before it, and a dot inside what follows; the server decides.
const isAddress = (value) => /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value);

const controls = () => [...form.querySelectorAll("[data-required]")];

const show = (control, message) => {
  const slot = document.getElementById(`${control.id}-error`);
  slot.replaceChildren();
  if (message) {
    const prefix = document.createElement("span");
    prefix.className = "visually-hidden";
    prefix.textContent = form.dataset.error;
    slot.append(prefix, message);
    control.setAttribute("aria-invalid", "true");
  } else {
    control.removeAttribute("aria-invalid");
  }
  control.closest(".field").classList.toggle("has-error", message !== "");
};

const summarise = (faults) => {
  document.getElementById("error-summary")?.remove();
  document.title = document.title.replace(form.dataset.error, "");
  if (faults.length === 0) return;

  const box = document.createElement("div");
  box.className = "summary";
  box.id = "error-summary";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  box.setAttribute("aria-labelledby", "error-summary-title");
  const heading = document.createElement("h2");
  heading.id = "error-summary-title";
  heading.textContent = form.dataset.summary;
  const list = document.createElement("ul");
  for (const { control, message } of faults) {
    const link = document.createElement("a");
    link.href = `#${control.id}`;
    link.textContent = message;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  box.append(heading, list);
  form.prepend(box);
  document.title = form.dataset.error + document.title;
  box.focus();
};

const release = () => {
  const button = form.querySelector("button[type=submit]");
  if (form.dataset.sent) {
    delete form.dataset.sent;
    button.removeAttribute("aria-disabled");
    button.textContent = button.dataset.label;
  }
};

const submit = (event) => {
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  const faults = [];
  for (const control of controls()) {
    const message = messageFor(control);
    show(control, message);
    if (message) faults.push({ control, message });
  }
  summarise(faults);
  if (faults.length > 0) {
    event.preventDefault();
    return;
  }
  if (form.elements.elapsed_ms) form.elements.elapsed_ms.value = Math.round(performance.now() - arrived);
  const button = form.querySelector("button[type=submit]");
  form.dataset.sent = "true";
  button.dataset.label = button.textContent;
  button.setAttribute("aria-disabled", "true");
  button.textContent = form.dataset.busy;
};

if (form) {
  form.noValidate = true;
  form.addEventListener("submit", submit);
  // A message goes as soon as its cause has gone; a new one waits for the next try.
  form.addEventListener("input", ({ target }) => {
    if (target.getAttribute("aria-invalid") === "true" && target.dataset.required && messageFor(target) === "") show(target, "");
  });
  // Links of the summary put the cursor in the field.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".summary a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (document.querySelector(`label[for="${field.id}"]`) ?? field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
  // Back from the next page: the form can be sent again.
  window.addEventListener("pageshow", release);
  document.getElementById("error-summary")?.focus();
}
