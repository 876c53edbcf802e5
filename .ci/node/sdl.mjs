// Judges the printed SDL as its readers will: graphql-js, graphql-eslint, the Relay compiler, TypeScript.
// usage: node sdl.mjs SCHEMA

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import graphqlEslint from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { buildSchema, parse, print, validateSchema } from 'graphql';

// All of `schema-recommended` and `schema-relay` holds, but for the options below. Each has its reason.
const exceptions = {
  // Plain lists are frozen in the contract where they cannot grow (`objectives`, `keyResults`, `quarters`, `rules`),
  // and its connections have `nodes` beside `edges`.
  'relay-edge-types': { listTypeCanWrapOnlyEdgeType: false },
  // Many frozen connections page forwards only (`first`, `after`); the default demands both directions.
  'relay-arguments': { includeBoth: false },
  // What has an identity implements Node. The contract freezes these as values of their parent, or, as Quarter,
  // with another kind of key. A new type without an id has to be entered here.
  'strict-id-in-types': {
    exceptions: {
      suffixes: ['Connection', 'Edge', 'Payload'],
      types: [
        'PageInfo', 'Viewer', 'Quarter', 'UserError', 'Rule', 'PlanChange', 'MeetingChange',
        'Alignment', 'PlanAcknowledgement', 'Measure', 'Drift', 'Crowding', 'RuleRefusals',
        'ObjectiveAdded', 'ObjectiveDropped', 'ObjectiveAmended',
        'KeyResultAdded', 'KeyResultDropped', 'KeyResultAmended', 'CapacityChanged',
        'PlanPreview', 'PreviewObjective', 'PreviewKeyResult',
        'Attendee', 'Boundary', 'DecidedSubject', 'FreeText',
        'Roadmap', 'ExternalIdentity', 'CustomerRequestResult', 'Demand', 'DemandPart', 'Money',
        'AuditReceipt', 'AuditCheckpoint', 'AuditInclusionProof', 'AuditConsistencyProof',
        'WebhookAttempt',
      ],
    },
  },
  // Stricter than recommended: the contract wants a description on every field, argument and enum value as well.
  // The arguments of directives are left out, since the server's library prints its own ones bare.
  'require-description': {
    types: true,
    DirectiveDefinition: true,
    FieldDefinition: true,
    InputValueDefinition: true,
    EnumValueDefinition: true,
    ignoredSelectors: ['DirectiveDefinition > InputValueDefinition'],
  },
};

const documents = readdirSync(join(import.meta.dirname, 'documents'))
  .filter((name) => name.endsWith('.graphql'))
  .map((name) => ({
    location: name,
    document: parse(readFileSync(join(import.meta.dirname, 'documents', name), 'utf8')),
  }));

function build(sdl) {
  const schema = buildSchema(sdl);
  const errors = validateSchema(schema);
  if (errors.length) throw new Error(errors.join('\n\n'));
  return `${Object.keys(schema.getTypeMap()).length} types`;
}

async function lint(sdl, path) {
  const { configs } = graphqlEslint;
  const rules = { ...configs['flat/schema-recommended'].rules, ...configs['flat/schema-relay'].rules };
  for (const [rule, options] of Object.entries(exceptions)) {
    if (!(`@graphql-eslint/${rule}` in rules)) throw new Error(`exception for an unknown rule: ${rule}`);
    rules[`@graphql-eslint/${rule}`] = ['error', options];
  }
  const eslint = new ESLint({
    cwd: dirname(path),
    allowInlineConfig: false,
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.graphql'],
      plugins: { '@graphql-eslint': graphqlEslint },
      languageOptions: { parser: graphqlEslint.parser, parserOptions: { graphQLConfig: { schema: path } } },
      rules,
    },
  });
  const [{ messages }] = await eslint.lintText(sdl, { filePath: path });
  if (messages.length) {
    throw new Error(messages.map((m) => `line ${m.line ?? '?'}: ${m.ruleId ?? 'parser'}: ${m.message}`).join('\n'));
  }
  return `${Object.keys(rules).length} rules`;
}

function relay(sdl, path, dir) {
  mkdirSync(join(dir, 'src'));
  mkdirSync(join(dir, 'artifacts'));
  writeFileSync(join(dir, 'schema.graphql'), sdl);
  writeFileSync(
    join(dir, 'relay.config.json'),
    JSON.stringify({ src: 'src', schema: 'schema.graphql', artifactDirectory: 'artifacts', language: 'typescript' }),
  );
  // The compiler reads documents only out of tagged templates, one definition each.
  for (const { location, document } of documents) {
    const tags = document.definitions.map((definition) => `graphql\`\n${print(definition)}\n\`;\n`);
    writeFileSync(join(dir, 'src', `${basename(location, '.graphql')}.ts`), tags.join('\n'));
  }
  run('relay-compiler/cli.js', ['relay.config.json', '--output', 'quiet-with-errors'], dir);

  const made = readdirSync(join(dir, 'artifacts'));
  const missing = documents
    .flatMap(({ document }) => document.definitions.map(({ name }) => `${name.value}.graphql.ts`))
    .filter((name) => !made.includes(name));
  if (missing.length) throw new Error(`no artifact: ${missing.join(', ')}`);
  return `${made.length} artifacts`;
}

async function types(sdl, path, dir) {
  // Two files: each plugin declares the inputs and enums that it uses.
  const files = { 'schema.ts': typescript, 'operations.ts': operations };
  let lines = 0;
  for (const [filename, plugin] of Object.entries(files)) {
    const code = await codegen({
      filename,
      schema: parse(sdl),
      documents,
      config: {},
      plugins: [{ plugin: {} }],
      pluginMap: { plugin },
    });
    writeFileSync(join(dir, filename), code);
    lines += code.split('\n').length;
  }
  run('typescript/bin/tsc', ['--noEmit', '--strict', ...Object.keys(files)], dir);
  return `${lines} lines`;
}

function run(bin, args, cwd) {
  const script = join(import.meta.dirname, 'node_modules', bin);
  try {
    execFileSync(process.execPath, [script, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(stripVTControlCharacters(`${error.stdout}${error.stderr}`).trim() || error.message);
  }
}

if (process.argv.length !== 3) {
  console.error('usage: node sdl.mjs SCHEMA');
  process.exit(2);
}
const path = resolve(process.argv[2]);
const sdl = readFileSync(path, 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'sdl-'));
const steps = {
  'graphql-js builds and validates the schema': build,
  'graphql-eslint finds nothing': lint,
  'relay-compiler compiles the documents': relay,
  'graphql-codegen output passes tsc --strict': types,
};
let failed = 0;
try {
  for (const [name, step] of Object.entries(steps)) {
    try {
      console.log(`ok    ${name} (${await step(sdl, path, dir)})`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.message.trim().replace(/^/gm, '      ')}`);
    }
  }
} finally {
  rmSync(dir, { recursive: true });
}
console.log(`${Object.keys(steps).length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
