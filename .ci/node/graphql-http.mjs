// Runs the public GraphQL-over-HTTP audits, recommendations included, against a running server.
// Usage: node graphql-http.mjs URL TOKEN, or with HOLDLINE_URL and HOLDLINE_TOKEN.
// Prints a line per failing audit and a closing count; exits 1 when any failed, and 2 when it could not run.
import { serverAudits } from "graphql-http";

const [url = process.env.HOLDLINE_URL, token = process.env.HOLDLINE_TOKEN] = process.argv.slice(2);
if (!url || !token) {
  console.error("usage: node graphql-http.mjs URL TOKEN");
  process.exit(2);
}

const fetchFn = (address, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  return fetch(address, { ...init, headers });
};

let [passed, failed] = [0, 0];
for (const { id, name, fn } of serverAudits({ url, fetchFn })) {
  const result = await fn();
  if (result.status === "ok") {
    passed += 1;
  } else {
    failed += 1;
    console.log(`${id} ${result.status} ${name}: ${result.reason}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
