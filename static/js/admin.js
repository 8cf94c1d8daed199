// Enhances the dashboard. Without this file every page works: links lead, forms are sent, the server answers.

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

/** Sends something with the token of the session. */
export const send = (url, options = {}) =>
  fetch(url, { credentials: "same-origin", ...options, headers: { Accept: "application/json", "X-CSRF-Token": csrf, ...options.headers } });

// Saved once: a second click of a button does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  unsaved.delete(form);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// What was typed and not saved is not left by mistake.
const unsaved = new Set();
for (const form of document.querySelectorAll("form[data-guard]")) {
  form.addEventListener("input", () => unsaved.add(form));
}
window.addEventListener("beforeunload", (event) => {
  if (unsaved.size > 0) event.preventDefault();
});
/** Whoever has saved a form by itself says so. */
export const isSaved = (form) => unsaved.delete(form);

// The rail may be longer than the screen: where one is stays in sight.
const here = document.querySelector(".rail-column [aria-current]");
const rail = here?.closest(".rail");
if (rail && here.offsetTop + here.offsetHeight > rail.clientHeight - 96) rail.scrollTop = here.offsetTop - rail.clientHeight / 2;

// Filters: a choice applies at once.
for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// Tables: how many rows are chosen, and all of them at once.
for (const form of document.querySelectorAll("form[data-choose]")) {
  const boxes = () => [...form.querySelectorAll('tbody input[name="id"]')];
  const all = form.querySelector("[data-all]");
  const every = form.querySelector('input[name="all"]');
  const bulk = form.querySelector("[data-bulk]");
  const told = form.querySelector("[data-chosen]");
  const show = () => {
    const count = boxes().filter((box) => box.checked).length;
    const is_every = every?.checked ?? false;
    told.textContent = is_every ? "Every row that fits is chosen" : count > 0 ? `${count} chosen` : "";
    bulk.classList.toggle("is-idle", count === 0 && !is_every);
    for (const button of bulk.querySelectorAll("button")) button.disabled = count === 0 && !is_every;
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && count < boxes().length;
  };
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  form.addEventListener("change", show);
  show();
}

// Times grow older while a page is open.
const units = [[86400000, "day"], [3600000, "hour"], [60000, "minute"]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });
setInterval(() => {
  for (const time of document.querySelectorAll("time[datetime]")) {
    const gap = Date.parse(time.dateTime) - Date.now();
    const unit = units.find(([ms]) => Math.abs(gap) >= ms);
    if (unit && Math.abs(gap) < 30 * 86400000) time.textContent = words.format(Math.trunc(gap / unit[0]), unit[1]);
  }
}, 60000);

// A rough word on a new password; the server decides.
for (const input of document.querySelectorAll("input[data-strength]")) {
  const told = input.closest(".field").querySelector("[data-strength-text]");
  const first = told.textContent;
  input.addEventListener("input", () => {
    const value = input.value;
    const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(value)).length;
    const bits = Math.log2(Math.max(2, kinds * 20)) * new Set(value).size;
    const words = ["too short", "easy to guess", "fair", "good", "very good"];
    const level = value.length < 10 ? 0 : bits < 45 ? 1 : bits < 60 ? 2 : bits < 80 ? 3 : 4;
    told.textContent = value === "" ? first : `Strength: ${words[level]}`;
  });
}

// Search from anywhere.
const palette = document.querySelector("[data-palette]");
if (palette) {
  const input = palette.querySelector("input");
  const found = palette.querySelector("[data-found]");
  let asked = 0;
  const look = async () => {
    const turn = ++asked;
    const answer = await fetch(`/admin/search?part=yes&q=${encodeURIComponent(input.value)}`, { credentials: "same-origin" }).catch(() => null);
    if (turn !== asked || !answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    found.replaceChildren(...page.body.childNodes);
  };
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 120);
  });
  palette.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops = [input, ...found.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length].focus();
  });
  input.form.addEventListener("submit", (event) => {
    const only = found.querySelector("a");
    if (only) {
      event.preventDefault();
      location.assign(only.href);
    }
  });
  const open = () => {
    palette.showModal();
    input.select();
    look();
  };
  // Only when it is pressed: whoever comes by with Tab goes on with Tab.
  document.querySelector("[data-find]")?.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    open();
  });
  const keys = document.querySelector("[data-keys]");
  const ways = { h: "/admin", l: "/admin/leads", a: "/admin/articles", j: "/admin/jobs", s: "/admin/settings" };
  let going = false;
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest?.("input, textarea, select, [contenteditable]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!palette.open) open();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      const form = document.querySelector("form[data-guard]");
      if (form) {
        event.preventDefault();
        form.requestSubmit();
      }
      return;
    }
    if (types || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      event.preventDefault();
      open();
    } else if (event.key === "?") {
      keys?.showModal();
    } else if (going && ways[event.key]) {
      location.assign(ways[event.key]);
    }
    going = event.key === "g";
  });
}
