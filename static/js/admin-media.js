// The library of pictures: drop a file anywhere on the page, see it before it is sent, copy the line for a text.

const bring = document.querySelector("[data-bring]");

for (const input of document.querySelectorAll("[data-file]")) {
  let seen = null;
  input.addEventListener("change", () => {
    seen?.remove();
    seen = null;
    const file = input.files[0];
    if (!file || !file.type.startsWith("image/") || file.type === "image/svg+xml") return;
    // As data: the policy of these pages knows no blobs.
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      seen = document.createElement("img");
      seen.className = "chosen-picture";
      seen.alt = "";
      seen.src = reader.result;
      input.after(seen);
    });
    reader.readAsDataURL(file);
  });
}

if (bring) {
  const input = bring.querySelector("[data-file]");
  const holdsFile = (event) => [...event.dataTransfer.types].includes("Files");
  addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    bring.open = true;
    bring.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) bring.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    bring.classList.remove("over");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
    bring.querySelector("[name=alt]").focus();
  });
}

for (const code of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  if (navigator.clipboard) code.after(" ", button);
}
