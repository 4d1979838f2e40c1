// Needs of the configuration file from the stack: permissions for its buckets, and
// events of them. `thimble` reads the file, so a file with a mistake stops the
// packaging. Used by sources.js and roles.js.
'use strict';

const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { resolve } = require('node:path');

const NOTHING = { object: null, sourceBuckets: [], thumbnailsBuckets: [], manifests: null, tags: false, acl: false, kmsKeys: [] };

// The program: the one that THIMBLE names, one that was built here, or one that is installed.
const program = () => {
  const built = ['release', 'debug'].map((profile) => resolve(__dirname, '..', 'target', profile, 'thimble'));
  return process.env.THIMBLE || built.find(existsSync) || 'thimble';
};

// The bucket and the key of the object that the function reads. The file of a channel is in
// the engine store, which it may read anyway.
const location = (object, store) => {
  if (/^channel:[A-Za-z][\w-]{0,63}$/.test(object)) {
    if (!store) throw new Error(`config is ${object}: set engineStore to the store that has it`);
    return null;
  }
  const [, found] = /^s3:\/\/([^/*?]+\/[^*?]+)$/.exec(object) ?? [];
  if (!found) throw new Error(`config is s3://BUCKET/KEY or channel:NAME, not: ${object}`);
  return found;
};

const ask = (file, variables) => {
  try {
    const answer = execFileSync(program(), ['config', 'stack', file], {
      encoding: 'utf8', env: { ...process.env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    return JSON.parse(answer);
  } catch (error) {
    if (error.code === 'ENOENT') {
      throw new Error('configFile is read by thimble, which is not found; run `make build`, or name it in THIMBLE');
    }
    throw new Error(`configFile has a mistake:\n${error.stderr || error.message}`);
  }
};

module.exports = async (resolveVariable) => {
  const parameter = (name) => resolveVariable(`param:${name}`);
  const object = await parameter('config');
  const file = await resolveVariable('param:configFile, ""');
  if (file && !object) throw new Error('configFile is what config holds: set config to s3://BUCKET/KEY or channel:NAME as well');
  if (!object) return NOTHING;
  const read = location(object, await parameter('engineStore'));
  if (!file) return { ...NOTHING, object: read };
  // A template that is packaged for anybody knows no values of parameters: those of the file hold.
  const own = process.env.THIMBLE_FOR_ANYBODY ? {} : {
    PRESETS: await parameter('presets'),
    THUMBNAIL_NAME: await parameter('thumbnailName'),
    MANIFEST_NAME: await parameter('manifestName'),
    CACHE_CONTROL: await parameter('cacheControl'),
  };
  const needs = ask(file, {
    ...own,
    SOURCE_BUCKET: await resolveVariable('self:custom.sourceBucket'),
    MANIFESTS: 'yes',
  });
  return { object: read, ...needs };
};
