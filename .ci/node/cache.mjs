// A normalised client cache keeps the plan of another time and today's apart, because their objects have other ids.
// usage: node cache.mjs URL TOKEN

import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';

const [url, token = process.env.HOLDLINE_TOKEN] = process.argv.slice(2);
if (!token) {
  console.error('usage: node cache.mjs URL TOKEN');
  process.exit(2);
}

const plan = '{ id revision objectives { id title keyResults { id title } } }';
const then = gql`{ plan(team: "IPLD", quarter: "2019-Q1", asOf: "2019-01-10T00:00:00Z") ${plan} }`;
const now = gql`{ plan(team: "IPLD", quarter: "2019-Q1") ${plan} }`;
const client = new ApolloClient({
  link: new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } }),
  cache: new InMemoryCache(),
});

async function read(query, fetchPolicy) {
  const { data } = await client.query({ query, fetchPolicy });
  if (!data?.plan) throw new Error(`${fetchPolicy}: no plan, or not all of it`);
  return data.plan;
}

const keyResults = (plan) => plan.objectives.flatMap((objective) => objective.keyResults);
const ids = (plan) => [plan, ...plan.objectives, ...keyResults(plan)].map(({ id }) => id);

async function check() {
  const sent = [await read(then, 'network-only'), await read(now, 'network-only')];
  const kept = [await read(then, 'cache-only'), await read(now, 'cache-only')];

  const shared = ids(sent[0]).filter((id) => ids(sent[1]).includes(id));
  if (shared.length) throw new Error(`the same id at both times: ${shared.join(', ')}`);
  const counts = (plans) => plans.map((plan) => keyResults(plan).length).join(' and ');
  if (counts(kept) !== '8 and 11') {
    throw new Error(`8 and 11 key results expected, the server sent ${counts(sent)}, the cache has ${counts(kept)}`);
  }
}

try {
  await check();
  console.log('1 passed, 0 failed');
} catch (error) {
  console.log(`FAIL  ${error.message}\n0 passed, 1 failed`);
  process.exitCode = 1;
}
