// Asks the reference implementation, graphql-js, and a running server the same documents over the same schema.
// Both must find the same ones valid, and the answers to those must be the same, key by key in their order.
// Usage: node validation.mjs SCHEMA URL TOKEN, or with HOLDLINE_URL and HOLDLINE_TOKEN.
// Prints a line per disagreement and a closing count; exits 1 when there is any, and 2 when it could not run.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  astFromValue, buildClientSchema, buildSchema, execute, getIntrospectionQuery, getNamedType, getNullableType,
  getOperationAST, isAbstractType, isLeafType, isListType, isNonNullType, isObjectType, lexicographicSortSchema, parse,
  print, printSchema, validate,
} from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';

const [path, url = process.env.HOLDLINE_URL, token = process.env.HOLDLINE_TOKEN] = process.argv.slice(2);
if (!path || !url || !token) {
  console.error('usage: node validation.mjs SCHEMA URL TOKEN');
  process.exit(2);
}
const schema = buildSchema(readFileSync(path, 'utf8'));
const leastOfEach = 60;

async function ask(query, { variables, operationName } = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  return { status: response.status, text: await response.text() };
}

// A document begins at `### its name`; `### variables {…}` and `### operation Name` may follow. In the variables, "@plan"
// stands for the id of a plan that the server has.
function documents(ids) {
  const folder = join(import.meta.dirname, 'validation');
  return readdirSync(folder).sort().flatMap((file) => {
    const found = [];
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const [, kind, value] = /^### (variables|operation) (\{.*\}|[A-Z]\w*)$/.exec(line) ?? [];
      if (kind === 'operation') found.at(-1).operationName = value;
      else if (kind === 'variables') found.at(-1).variables = JSON.parse(value.replace(/"@(\w+)"/g, (_, of) => ids(of)));
      else if (line.startsWith('### ')) found.push({ name: `${basename(file, '.graphql')}: ${line.slice(4)}`, text: '' });
      else found.at(-1).text += `${line}\n`;
    }
    return found;
  });
}

// Why graphql-js would not execute it; nothing where it would.
function objections({ text, variables = {}, operationName }) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return [error.message];
  }
  const errors = validate(schema, document).map(({ message }) => message);
  const operation = getOperationAST(document, operationName);
  if (!operation) return [...errors, 'no operation, or none chosen'];
  if (!schema.getRootType(operation.operation)) return [...errors, `no root type for a ${operation.operation}`];
  if (errors.length) return errors;
  const values = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  return (values.errors ?? []).map(({ message }) => message);
}

// What graphql-js answers. It does all that concerns the document: fragments, merging, directives, aliases, order, nulls.
// The server says only what one field of one object is, each by a query of its own with nothing else in it.
async function reference({ text, variables, operationName }) {
  const document = parse(text);
  const kind = getOperationAST(document, operationName).operation;
  return execute({
    schema,
    document,
    operationName,
    variableValues: variables,
    rootValue: { kind, steps: [] },
    fieldResolver: (parent, args, _, info) => field(parent, args, info),
    typeResolver: ({ type }) => type,
  });
}

async function field(parent, args, { fieldName, parentType, returnType }) {
  const { args: declared } = parentType.getFields()[fieldName];
  const given = declared.filter(({ name }) => name in args);
  const literals = given.map(({ name, type }) => `${name}: ${print(astFromValue(args[name], type))}`);
  const asked = literals.length ? `${fieldName}(${literals.join(', ')})` : fieldName;
  const steps = [...parent.steps, { asked, key: fieldName, on: parentType.name }];
  const found = await chain(parent.kind, steps, isLeafType(getNamedType(returnType)) ? '' : ' { __typename }');
  return hold(found, returnType, { kind: parent.kind, steps });
}

// An object is held as the way that leads to it, and a list by the places in it.
function hold(found, type, { kind, steps }) {
  if (found == null || isLeafType(getNamedType(type))) return found;
  if (isListType(getNullableType(type))) {
    const inner = getNullableType(type).ofType;
    return found.map((item, at) => hold(item, inner, { kind, steps: [...steps, { at }] }));
  }
  return { kind, steps, type: found.__typename };
}

const asked = new Map();

async function chain(kind, steps, leaf) {
  const named = steps.filter(({ key }) => key);
  const write = ([step, ...rest]) => {
    const inner = rest.length ? ` { ${write(rest)} }` : leaf;
    return `... on ${step.on} { ${step.asked}${inner} }`;
  };
  const query = `${kind} { ${write(named)} }`;
  if (!asked.has(query)) asked.set(query, ask(query).then(({ text }) => JSON.parse(text)));
  const { data, errors } = await asked.get(query);
  if (errors) throw new Error(errors[0].message);
  return steps.reduce((value, { key, at }) => value?.[key ?? at], data);
}

const refusals = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'INVALID'];

async function compare(document) {
  const reasons = objections(document);
  const { status, text } = await ask(document.text, document);
  const body = JSON.parse(text);
  const codes = (body.errors ?? []).map(({ extensions }) => extensions?.code);
  if (reasons.length) {
    if ('data' in body) return `graphql-js refuses it (${reasons[0]}), the server answers ${text.slice(0, 200)}`;
    const unfit = codes.filter((code) => !refusals.includes(code));
    if (status !== 400 || unfit.length) return `refused by both, but here with ${status} and ${unfit}: ${text}`;
    const nowhere = body.errors.some(({ extensions, locations }) => extensions.code.endsWith('N_FAILED') && !locations?.length);
    return nowhere ? `refused without a place in the document: ${text}` : undefined;
  }
  if (!('data' in body)) return `graphql-js answers it, the server refuses it with ${status}: ${text.slice(0, 300)}`;
  const expected = await reference(document);
  // In which order a schema lists its own types, fields and arguments is left to each server.
  const write = (data) => JSON.stringify(/\b__(schema|type)\b/.test(document.text) ? sorted(data) : data);
  const wanted = write(expected.data);
  if (write(body.data) !== wanted) return `graphql-js answers ${wanted}, the server ${text}`;
  const paths = (errors = []) => JSON.stringify(errors.map(({ path }) => path).sort());
  return paths(body.errors) === paths(expected.errors) ? undefined : `other errors: ${text}`;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]));
}

// The whole introspection gives the very schema that is printed.
async function introspection() {
  // The schema's own description is left out: where there is none the library says "" and not null.
  const options = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true };
  const { text } = await ask(getIntrospectionQuery(options));
  const { data, errors } = JSON.parse(text);
  if (errors) return text;
  const [here, there] = [buildClientSchema(data), schema].map((one) => printSchema(lexicographicSortSchema(one)).split('\n'));
  const at = here.findIndex((line, index) => line !== there[index]);
  return at < 0 && here.length === there.length ? undefined : `${here[at]} where schema.graphql has ${there[at]}`;
}

async function known() {
  const query = `{ plan(team: "PAY") { id team { id } } viewer { person { id } }
    ideas(first: 1) { nodes { id } } meetings(first: 1) { nodes { id } } }`;
  const { data, errors } = JSON.parse((await ask(query)).text);
  if (errors || !data.plan) throw new Error('the server has no plan of the team PAY; start it with --demo');
  const ids = {
    plan: data.plan.id, team: data.plan.team.id, person: data.viewer.person.id,
    idea: data.ideas.nodes[0].id, meeting: data.meetings.nodes[0].id,
  };
  return (of) => JSON.stringify(ids[of]);
}

const judged = documents(await known());
const [valid, invalid] = [judged.filter((one) => !objections(one).length), judged.filter((one) => objections(one).length)];
if (process.env.HOLDLINE_VERDICTS) {
  for (const one of judged) console.log(`${objections(one).join(' | ') || 'valid'}  <-  ${one.name}`);
}
let failed = 0;
const note = (name, disagreement) => {
  if (!disagreement) return;
  failed += 1;
  console.log(`FAIL  ${name}\n      ${disagreement}`);
};
for (const one of judged) note(one.name, await compare(one));
note('introspection gives the printed schema', await introspection());
if (valid.length < leastOfEach || invalid.length < leastOfEach) {
  note('enough documents', `at least ${leastOfEach} valid and ${leastOfEach} invalid ones are wanted`);
}
console.log(`${judged.length} documents, ${valid.length} valid and ${invalid.length} not, ${asked.size} fields asked for alone`);
console.log(`${judged.length + 1 - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
