/**
 * Takes the static template into a program of the CDK, as a user of CfnInclude does.
 *
 *     include.mjs TEMPLATE
 *
 * What the CDK makes of it has to be the template again; with a parameter given, nothing may ask for that
 * parameter; and resources have to be those of the CDK, whose properties can be changed.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The packages lie where the command is run.
const load = createRequire(join(process.cwd(), 'package.json'));
const { App, CfnResource, LegacyStackSynthesizer, Stack } = load('aws-cdk-lib');
const { CfnInclude } = load('aws-cdk-lib/cloudformation-include');
const { CfnFunction } = load('aws-cdk-lib/aws-lambda');

const [templateFile] = process.argv.slice(2);
const template = JSON.parse(readFileSync(templateFile, 'utf8'));
const outdir = mkdtempSync(join(tmpdir(), 'thimble-cdk-'));

/** The template of a stack that includes ours, which `change` may work on. */
function synthesized(name, parameters, change = () => {}) {
  const app = new App({ outdir: join(outdir, name), analyticsReporting: false });
  // Without what the bootstrap of the CDK adds to each stack.
  const stack = new Stack(app, name, { synthesizer: new LegacyStackSynthesizer() });
  change(new CfnInclude(stack, 'Thimble', { templateFile, parameters }));
  return app.synth().getStackByName(name).template;
}

try {
  assert.deepEqual(synthesized('Same', {}), template);

  const given = synthesized('Given', { CodeBucket: 'code-of-mine', Memory: 2048 });
  assert.deepEqual(Object.keys(template.Parameters).filter((name) => !(name in given.Parameters)), ['CodeBucket', 'Memory']);
  assert.doesNotMatch(JSON.stringify(given), /"Ref":"(CodeBucket|Memory)"/);
  assert.match(JSON.stringify(given), /code-of-mine/);

  const resources = Object.entries(template.Resources);
  const functions = resources.filter(([, each]) => each.Type === 'AWS::Lambda::Function');
  assert.equal(functions.length, 2);
  const changed = synthesized('Changed', {}, (include) => {
    for (const [name, { Type }] of resources) {
      const resource = include.getResource(name);
      // A type that the CDK does not know is a resource without properties of its own.
      assert.notEqual(resource.constructor, CfnResource, `the CDK knows no ${Type}`);
      if (resource instanceof CfnFunction) resource.memorySize = 4096;
    }
  });
  for (const [name] of functions) assert.equal(changed.Resources[name].Properties.MemorySize, 4096);
  console.log(`cdk: CfnInclude takes ${templateFile} with ${resources.length} resources, and gives it back unchanged`);
} finally {
  rmSync(outdir, { recursive: true });
}
