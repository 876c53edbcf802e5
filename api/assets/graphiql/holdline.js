// Starts GraphiQL. The token comes in the URL fragment, which browsers never send to a server, and is kept for this tab.
"use strict";

(() => {
  const STORED = "holdline.token";
  const STARTER = "# Ctrl-Enter runs the query, Ctrl-Space completes it.\n# The book icon opens the schema.\n{\n  viewer { person { name } scopes teams allTeams }\n}\n";

  // A '+' in a fragment is a plus sign and not a space, unlike in a form.
  const fragment = () => new URLSearchParams(window.location.hash.slice(1).replaceAll("+", "%2B"));

  function takeToken(given) {
    const token = given.get("token");
    if (token) sessionStorage.setItem(STORED, token);
    if (token || given.has("query")) history.replaceState(null, "", window.location.pathname + window.location.search);
  }

  function tell(text) {
    const notice = document.getElementById("notice");
    notice.textContent = text;
    notice.hidden = !text;
  }

  function tellAboutToken() {
    if (sessionStorage.getItem(STORED)) return tell("");
    tell(
      "You are not signed in. Issue a token with `holdline token issue --subject you --role ROLE`, " +
        `then open ${window.location.origin}/graphql#token=THE_TOKEN`,
    );
  }

  async function fetcher(params, options) {
    const token = sessionStorage.getItem(STORED);
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(options?.headers ?? {}),
      },
      body: JSON.stringify(params),
    });
    if (response.status === 401 && token) {
      tell("The token is not accepted (any more). Issue another with `holdline token issue` and open its link.");
    }
    return response.json();
  }

  const given = fragment();
  takeToken(given);
  tellAboutToken();
  // A second link pasted into the same tab changes the fragment only, which does not load the page again.
  window.addEventListener("hashchange", () => {
    const later = fragment();
    const isNewQuery = later.has("query");
    takeToken(later);
    tellAboutToken();
    if (isNewQuery) start(later.get("query"));
  });

  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  let started = 0;
  function start(query) {
    started += 1;
    root.render(
      React.createElement(GraphiQL, {
        key: started,
        fetcher,
        query: query ?? undefined,
        defaultQuery: STARTER,
        shouldPersistHeaders: false,
      }),
    );
  }
  start(given.get("query"));
})();
