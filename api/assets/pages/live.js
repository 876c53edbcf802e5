// Keeps a meeting's page up to date while the meeting is open: each thing that happens has the page fetched anew, and the
// parts that differ are put in their places. A part in which somebody is at work waits until they are done.
"use strict";

(() => {
  const status = document.getElementById("live");
  const page = status.dataset.page;
  // A page that answers a form has the form's address: it is left for the meeting's own.
  const open = () => window.location.assign(page);
  const tell = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  let fetching = false;
  let again = false;

  const parts = (drawn) => new Map([...drawn.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));

  const inUse = (part) =>
    (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) ||
    part.querySelector("details[open]") !== null;

  function put(drawn) {
    const fresh = parts(drawn);
    let left = false;
    for (const [name, part] of parts(document)) {
      const other = fresh.get(name);
      if (!other || other.innerHTML === part.innerHTML) continue;
      // The form for the roadmap is not where things are read.
      if (inUse(part)) left ||= name !== "place";
      else part.replaceWith(document.importNode(other, true));
    }
    // What the meeting has become decides which forms there are.
    if (fresh.has("head") && !drawn.querySelector("script[src*='/live.js']")) {
      if (!document.activeElement.matches("textarea, input")) open();
      else tell("The meeting has ended. Reload the page to see how.");
      return;
    }
    tell(left ? "There is more; it appears when you leave the form." : "Live");
  }

  async function refresh() {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const response = await fetch(page, { headers: { accept: "text/html" } });
      if (response.redirected) return open();
      if (response.ok) put(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      tell("The connection is gone; it is tried again.");
    }
    fetching = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  const events = new EventSource(`${page}/events`);
  events.addEventListener("next", (event) => {
    if (JSON.parse(event.data).errors) {
      events.close();
      return open();
    }
    refresh();
  });
  events.addEventListener("complete", () => events.close());
  events.onerror = () => tell("The connection is gone; it is tried again.");
  events.onopen = () => tell("Live");
  document.addEventListener("focusout", () => setTimeout(() => status.textContent.startsWith("There is more") && refresh()));
})();
