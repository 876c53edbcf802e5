// Moves the token from the link's fragment, which browsers send nowhere, into the form, and out of the address bar.
"use strict";

(() => {
  // A '+' in a fragment is a plus sign and not a space, unlike in a form.
  const token = new URLSearchParams(window.location.hash.slice(1).replaceAll("+", "%2B")).get("token");
  if (!token) return;
  history.replaceState(null, "", window.location.pathname + window.location.search);
  document.getElementById("token").value = token;
  // Where somebody is signed in, a link that another site sent them must not put another in their place.
  const form = document.getElementById("sign-in");
  if ("atOnce" in form.dataset) form.requestSubmit();
})();
