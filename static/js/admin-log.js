// The log renews itself while the box is ticked. Off at first, and off for as long as nobody looks.

const EVERY_MS = 3000;
const place = document.querySelector("[data-log]");
const label = document.querySelector("[data-refresh]");
if (place && label) {
  const box = label.querySelector("input");
  let timer;
  const renew = async () => {
    if (!document.hidden && !place.contains(document.activeElement)) {
      const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
      if (answer?.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-log]");
        if (fresh && box.checked) place.replaceChildren(...fresh.childNodes);
      } else if (answer) {
        box.checked = false;
      }
    }
    if (box.checked) timer = setTimeout(renew, EVERY_MS);
  };
  label.hidden = false;
  box.addEventListener("change", () => {
    clearTimeout(timer);
    if (box.checked) renew();
  });
}
