// The theme, the key that leads to the search, and links where the site is opened as files. Nothing here is needed to read.
(() => {
  const KINDS = ["auto", "light", "dark"];
  const page = document.documentElement;

  function stored() {
    try {
      const kind = localStorage.getItem("theme");
      return KINDS.includes(kind) ? kind : "auto";
    } catch {
      return "auto"; // a browser that keeps nothing
    }
  }

  function show(kind) {
    if (kind === "auto") delete page.dataset.theme;
    else page.dataset.theme = kind;
  }

  show(stored()); // before anything is drawn

  function offerThemes() {
    const button = document.getElementById("theme");
    if (!button) return;
    const words = button.querySelector("span");
    let kind = stored();
    const name = () => { button.title = words.textContent = `Colours: ${kind === "auto" ? "as the system has them" : kind}`; };
    button.addEventListener("click", () => {
      kind = KINDS[(KINDS.indexOf(kind) + 1) % KINDS.length];
      try {
        localStorage.setItem("theme", kind);
      } catch {
        // shown all the same, on this page
      }
      show(kind);
      name();
    });
    name();
    button.hidden = false;
  }

  function leadToSearch() {
    const field = document.getElementById("find");
    if (!field) return;
    if (field.dataset.hint && matchMedia("(hover: hover)").matches) field.placeholder = field.dataset.hint;
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  }

  // A server shows index.html for a folder; a file manager shows the folder.
  function nameFiles() {
    if (location.protocol !== "file:") return;
    for (const link of document.querySelectorAll("a[href]")) {
      const [there, mark] = link.getAttribute("href").split("#");
      if (/^(?![a-z]+:)(.*\/)?$/.test(there) && there) {
        link.setAttribute("href", `${there}index.html${mark ? `#${mark}` : ""}`);
      }
    }
    for (const form of document.querySelectorAll("form[action]")) {
      form.setAttribute("action", `${form.getAttribute("action")}index.html`);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    offerThemes();
    leadToSearch();
    nameFiles();
  });
})();
