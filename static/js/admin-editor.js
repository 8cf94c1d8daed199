// The editor: what is typed is kept every few seconds, shown beside the text as the page will show it, and pictures come
// in by drop or paste. Without this file the form saves, previews and schedules all the same.

const form = document.querySelector("form[data-editor]");
if (form) {
  const body = form.elements.namedItem("body");
  const told = form.querySelector("[data-autosave]");
  const shown = document.querySelector("[data-preview]");
  const seo = document.querySelector("[data-seo]");
  const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
  const { draftTo, previewTo, uploadTo } = form.dataset;

  // Without the token that makes a second click do nothing: it belongs to the click.
  const fields = () => {
    const sent = new URLSearchParams(new FormData(form));
    sent.delete("_once");
    return sent;
  };
  const tell = (text, bad = false) => {
    if (!told) return;
    told.textContent = text;
    told.classList.toggle("bad", bad);
  };
  const post = (to, sent, extra = {}) =>
    fetch(to, { method: "POST", body: sent, redirect: "manual", headers: { "X-CSRF-Token": csrf }, ...extra });

  // What is typed and not saved.
  let kept = fields().toString();
  let leaving = false;
  let keeping = null;
  let timer = 0;

  async function keep() {
    const sent = fields();
    if (!draftTo || keeping || leaving || sent.toString() === kept) return;
    keeping = post(draftTo, sent);
    try {
      const answer = await keeping;
      if (answer.ok) {
        kept = sent.toString();
        const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
        tell(`Kept as you typed it, ${at}. Not saved yet.`);
      } else if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        tell("You are logged out. Log in in another tab, then save here: the text stays on this page.", true);
      } else {
        tell("What you typed could not be kept. It stays on this page; it is tried again soon.", true);
      }
    } catch {
      tell("There is no connection. What you typed stays on this page; it is tried again soon.", true);
    } finally {
      keeping = null;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 2000);
    later();
  });
  setInterval(keep, 8000);
  form.addEventListener("submit", (event) => {
    // A preview in another tab leaves this page as it is: nothing was saved, and the next click counts.
    if (event.submitter?.formTarget === "_blank") event.stopPropagation();
    else leaving = true;
  });
  addEventListener("pageshow", () => {
    leaving = false;
  });
  addEventListener("pagehide", () => {
    if (draftTo && !leaving && fields().toString() !== kept) navigator.sendBeacon(draftTo, fields());
  });

  // The page beside the text.
  let wait = 0;
  let asked = 0;
  function later() {
    clearTimeout(wait);
    wait = setTimeout(look, 350);
  }
  async function look() {
    if (!shown) return;
    const number = ++asked;
    try {
      const answer = await post(previewTo, fields());
      if (!answer.ok || number !== asked) return;
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const [place, name] of [[shown, "body"], [seo, "seo"]]) {
        const part = made.querySelector(`[data-part="${name}"]`);
        if (place && part) place.replaceChildren(...part.childNodes);
      }
      follow();
    } catch {
      // The preview of a moment ago is better than none.
    }
  }
  function follow() {
    const hidden = body.scrollHeight - body.clientHeight;
    if (hidden > 0 && shown.scrollHeight > shown.clientHeight) {
      shown.scrollTop = (body.scrollTop / hidden) * (shown.scrollHeight - shown.clientHeight);
    }
  }
  body.addEventListener("scroll", () => requestAnimationFrame(() => shown && follow()), { passive: true });
  look();

  // Pictures.
  const insert = (text) => {
    body.focus();
    body.setRangeText(text, body.selectionStart, body.selectionEnd, "end");
    body.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const replace = (mark, text) => {
    const at = body.value.indexOf(mark);
    if (at < 0) return;
    body.setRangeText(text, at, at + mark.length, "preserve");
    body.dispatchEvent(new Event("input", { bubbles: true }));
  };
  async function upload(file, number) {
    const name = file.name.replace(/[[\]()\n]/g, " ");
    const mark = `![Uploading ${name} ${number}]()`;
    insert(`${mark}\n`);
    const sent = new FormData();
    const words = file.name.replace(/\.[a-z0-9]+$/i, "").replace(/[-_]+/g, " ").trim();
    sent.set("alt", words || "Picture");
    sent.set("file", file, file.name);
    try {
      const answer = await post(uploadTo, sent, { headers: { "X-CSRF-Token": csrf, Accept: "application/json" } });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok && said.markdown) {
        replace(mark, said.markdown);
        tell("The picture is in. Say between the square brackets what it shows.");
      } else {
        replace(mark, "");
        tell(said.detail ?? "This picture was not taken. Use PNG, JPEG or WebP.", true);
      }
    } catch {
      replace(mark, "");
      tell("The picture did not arrive. Check the connection and drop it again.", true);
    }
  }
  let uploads = 0;
  const take = (event, files) => {
    const pictures = [...(files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!pictures.length) return;
    event.preventDefault();
    for (const file of pictures) upload(file, ++uploads);
  };
  body.addEventListener("paste", (event) => take(event, event.clipboardData?.files));
  body.addEventListener("drop", (event) => {
    body.classList.remove("dropping");
    take(event, event.dataTransfer?.files);
  });
  body.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    body.classList.add("dropping");
  });
  body.addEventListener("dragleave", () => body.classList.remove("dropping"));

  // Keys: bold, italic. The shell saves.
  const around = (sign) => {
    const [from, to] = [body.selectionStart, body.selectionEnd];
    const text = body.value.slice(from, to);
    insert(`${sign}${text}${sign}`);
    if (from === to) body.setSelectionRange(from + sign.length, from + sign.length);
  };
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const key = event.key.toLowerCase();
    if (event.target === body && (key === "b" || key === "i")) {
      event.preventDefault();
      around(key === "b" ? "**" : "*");
    }
  });
}
