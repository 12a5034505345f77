// The search: words of titles, authors, notes and tags, found while they are typed. Everything is shown as text.
(() => {
  const A_PAGE = 20;
  const NAMES = 8; // authors of a paper, and as many more who were searched for
  const SHOWN = 220; // characters of a note
  const MARKS = /\p{M}/gu;
  const field = document.getElementById("find");
  const list = document.getElementById("results");
  const status = document.getElementById("status");
  const more = document.getElementById("more");
  const asFiles = location.protocol === "file:";
  const apart = (text) => text.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
  const plain = (text) => text.normalize("NFKD").replace(MARKS, "").toLowerCase();

  const picks = (window.PICKS || []).map(([place, id, title, authors, note, tags, day], number) => (
    { number, place, id, title, authors, note, tags, day }
  ));
  const index = new MiniSearch({
    idField: "number",
    fields: ["title", "authors", "note", "tags", "id"],
    tokenize: apart,
    processTerm: (term) => plain(term) || null,
    searchOptions: { boost: { title: 4, authors: 3, tags: 2, id: 4 }, combineWith: "AND", prefix: (term) => term.length > 1 },
  });
  const slips = (term) => (term.length > 6 ? 2 : term.length > 3 && 1); // letters; two that changed places are two
  let ready = false;
  let found = [];
  let words = [];

  function piece(kind, text) {
    const element = document.createElement(kind);
    element.textContent = text;
    return element;
  }

  // Puts a text into an element, with <mark> around the words that were found.
  function marked(element, text) {
    if (!words.length) {
      element.textContent = text;
      return element;
    }
    const wanted = new RegExp(`(?<![\\p{L}\\p{N}])(${words.join("|")})`, "giu");
    let end = 0;
    for (const match of text.matchAll(wanted)) {
      element.append(text.slice(end, match.index), piece("mark", match[0]));
      end = match.index + match[0].length;
    }
    element.append(text.slice(end));
    return element;
  }

  // The part of a note where the first of the words stands.
  function excerpt(note) {
    if (note.length <= SHOWN) return note;
    const low = note.toLowerCase();
    const places = words.map((word) => low.indexOf(word.toLowerCase())).filter((place) => place >= 0);
    const first = Math.max(0, Math.min(...places, note.length) - 60);
    const start = first && places.length ? note.lastIndexOf(" ", first) + 1 : 0;
    const part = note.slice(start, start + SHOWN);
    return `${start ? "… " : ""}${part.slice(0, part.lastIndexOf(" ") > 0 && start + SHOWN < note.length ? part.lastIndexOf(" ") : SHOWN)}${start + SHOWN < note.length ? " …" : ""}`;
  }

  // The first of the authors and those who were searched for; some papers have thousands.
  function named(authors) {
    const wanted = words.map(plain);
    const shown = authors.filter((name, place) => place < NAMES || wanted.some((word) => plain(name).includes(word)));
    const some = shown.slice(0, 2 * NAMES);
    return some.join(", ") + (some.length < authors.length ? ` and ${authors.length - some.length} more` : "");
  }

  function result(pick) {
    const row = document.createElement("li");
    const link = marked(document.createElement("a"), pick.title);
    link.href = `../${pick.place}${asFiles ? "index.html" : ""}`;
    link.dir = "auto";
    row.append(link);
    const about = piece("p", "");
    about.className = "names";
    about.dir = "auto";
    marked(about, [named(pick.authors.split(", ")), pick.day].filter(Boolean).join(" · "));
    row.append(about);
    if (pick.note) {
      const note = marked(document.createElement("p"), excerpt(pick.note));
      note.dir = "auto";
      row.append(note);
    }
    return row;
  }

  function showMore() {
    const from = list.childElementCount;
    list.append(...found.slice(from, from + A_PAGE).map((hit) => result(picks[hit.id])));
    more.hidden = list.childElementCount >= found.length;
  }

  function search() {
    const query = field.value.trim();
    const address = new URL(location.href);
    if (query) address.searchParams.set("q", query);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    list.replaceChildren();
    more.hidden = true;
    if (!query || !ready) {
      status.textContent = query ? "Reading all picks …" : "";
      return;
    }
    words = apart(query).filter((word) => word.length > 1).sort((one, other) => other.length - one.length);
    found = index.search(query);
    status.textContent = `${found.length} ${found.length === 1 ? "pick" : "picks"}`;
    if (!found.length) {
      found = index.search(query, { fuzzy: slips });
      status.textContent = found.length ? `No pick has all these words; ${found.length} with similar ones:` : "No pick has all these words.";
    }
    showMore();
  }

  // Arrow keys go from the field through the results and back; Escape returns to the field.
  function move(event) {
    const links = [...list.querySelectorAll("a")];
    const here = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && links.length && (here >= 0 || document.activeElement === field)) {
      links[Math.min(here + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && here >= 0) {
      (here ? links[here - 1] : field).focus();
    } else if (event.key === "Escape" && here >= 0) {
      field.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  field.addEventListener("input", search);
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  document.addEventListener("keydown", move);
  more.addEventListener("click", () => {
    const from = list.childElementCount;
    showMore();
    list.children[from].querySelector("a").focus();
  });
  field.value = new URLSearchParams(location.search).get("q") || "";
  search();
  index.addAllAsync(picks, { chunkSize: 250 }).then(() => {
    ready = true;
    search();
  });
})();
