// Keeps a meeting's page up to date while the meeting is open: each thing that happens has the page fetched anew, and the
// parts that differ are put in their places. A part in which somebody fills something in waits until they are done, and
// what they typed is kept for this tab until it is sent.
"use strict";

(() => {
  const status = document.getElementById("live");
  const page = status.dataset.page;
  const LONGEST_PAUSE = 30_000;
  let [events, fetching, again, waiting, pause] = [null, false, false, false, 1_000];

  // A page that answers a form has the form's address: it is left for the meeting's own.
  const open = () => window.location.assign(page);
  const tell = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  const later = (what) => {
    setTimeout(what, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };

  const parts = (drawn) => new Map([...drawn.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
  const typed = () => [...document.querySelectorAll("main textarea, main input:not([type=hidden])")].filter(({ value }) => value.trim());

  const inUse = (part) => {
    const active = document.activeElement;
    return (part.contains(active) && active.matches("input, select, textarea")) || part.querySelector("details[open]") !== null;
  };

  // What is under the keyboard's focus is found again in the part that takes the place of its own.
  function put(part, fresh) {
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const label = active && (active.getAttribute("aria-label") ?? active.textContent);
    const copy = document.importNode(fresh, true);
    part.replaceWith(copy);
    const again = active && [...copy.querySelectorAll(active.localName)].find((one) => (one.getAttribute("aria-label") ?? one.textContent) === label);
    if (active) (again ?? document.getElementById("content")).focus({ preventScroll: true });
  }

  function draw(drawn) {
    const fresh = parts(drawn);
    waiting = false;
    for (const [name, part] of parts(document)) {
      const other = fresh.get(name);
      if (!other || other.innerHTML === part.innerHTML) continue;
      // The form for the roadmap is not where things are read.
      if (inUse(part)) waiting ||= name !== "place";
      else put(part, other);
    }
    // What the meeting has become decides which forms there are.
    if (fresh.has("head") && !drawn.querySelector("script[src*='/live.js']")) {
      events?.close();
      if (typed().length) tell("The meeting has ended, and what you typed was not sent. Reload the page to see how it ended.");
      else open();
      return;
    }
    tell(waiting ? "There is more; it appears when you leave the form." : "Live");
  }

  async function refresh() {
    if (fetching) {
      again = true;
      return;
    }
    fetching = true;
    try {
      const response = await fetch(page, { headers: { accept: "text/html" } });
      if (response.redirected) return tell("You are signed out. Reload the page to sign in again.");
      if (response.ok) {
        draw(new DOMParser().parseFromString(await response.text(), "text/html"));
        pause = 1_000;
      } else {
        tell("There is more, and it could not be fetched; it is tried again.");
        later(refresh);
      }
    } catch {
      tell("The connection is gone; it is tried again.");
      later(refresh);
    } finally {
      fetching = false;
    }
    if (again) {
      again = false;
      refresh();
    }
  }

  function listen() {
    if (events && events.readyState !== EventSource.CLOSED) return;
    events = new EventSource(`${page}/events`);
    events.addEventListener("next", (event) => {
      if (!JSON.parse(event.data).errors) return refresh();
      events.close();
      tell("You are signed out. Reload the page to sign in again.");
    });
    events.addEventListener("complete", () => events.close());
    events.onerror = () => {
      tell("The connection is gone; it is tried again.");
      // Browsers try again by themselves, unless they were refused.
      if (events.readyState === EventSource.CLOSED) later(listen);
    };
  }

  // A page that nobody looks at gives its connection back: browsers have few for one server.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) events.close();
    else listen();
  });
  document.addEventListener("focusout", () => setTimeout(() => waiting && refresh()));

  // What was typed into one form outlives the sending of another.
  const kept = (field) => `${page} ${field.id}`;
  document.addEventListener("input", ({ target }) => {
    if (target.id) sessionStorage.setItem(kept(target), target.value);
  });
  document.addEventListener("submit", ({ target }) => {
    for (const field of target.elements) sessionStorage.removeItem(kept(field));
  });
  for (const field of document.querySelectorAll("main textarea, main input:not([type=hidden])")) {
    if (!field.value) field.value = sessionStorage.getItem(kept(field)) ?? "";
  }
  listen();
})();
