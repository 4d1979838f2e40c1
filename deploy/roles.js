// The permissions of each function, and no others. Included by serverless.yml.
'use strict';

const config = require('./config.js');
const kms = require('./keys.js');

const arn = (logicalId) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const sub = (text) => ({ 'Fn::Sub': text });
const allow = (Sid, Action, Resource) => ({ Sid, Effect: 'Allow', Action, Resource });

const bucketOf = (name) => sub(`arn:\${AWS::Partition}:s3:::${name}`);
const objectsOf = (name, keys = '*') => sub(`arn:\${AWS::Partition}:s3:::${name}/${keys}`);
// The one of the stack, and those that the configuration file names.
const together = (own, others) => (others.length ? [own, ...others] : own);

// The deployment makes the log group, so no function needs the permission to.
const logs = (name) =>
  allow('WriteItsLog', ['logs:CreateLogStream', 'logs:PutLogEvents'],
    sub(`arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${name}:*`));

// For a batch, AWS checks the permission for a single message. The emulator checks
// an action with the name of the call, which AWS does not have.
const sending = (emulated) => ['sqs:SendMessage', ...(emulated ? ['sqs:SendMessageBatch'] : [])];
const deleting = (emulated) => ['sqs:DeleteMessage', ...(emulated ? ['sqs:DeleteMessageBatch'] : [])];

// The objects of an engine store, or nothing if there is no store.
const engines = (store) => {
  if (!store) return null;
  const [, bucket, prefix] = /^s3:\/\/([^/*?]+)\/*([^*?]*?)\/*$/.exec(store) ?? [];
  if (!bucket) throw new Error(`engineStore is s3://BUCKET/PREFIX, not: ${store}`);
  return sub(`arn:\${AWS::Partition}:s3:::${bucket}/${prefix && `${prefix}/`}*`);
};

// The topic of results, or null. A wildcard would be a permission for the topics of others.
const topic = (arn) => {
  if (arn && !/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/.test(arn)) {
    throw new Error(`resultsTopic is the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME, not: ${arn}`);
  }
  return arn || null;
};

// The objects that may be manifests, or nothing if there are none. Their name is that of
// host/src/manifest/name.rs: by default it stands behind the folder of the thumbnails.
const manifests = (wanted, name, thumbnailName, ofFile) => {
  if (wanted !== 'yes') return null;
  if (ofFile) {
    return ofFile.map(({ bucket, name: template }) => {
      const objects = template.replace('{key}', '*');
      return bucket ? objectsOf(bucket, objects) : sub(`\${ThumbnailsBucket.Arn}/${objects}`);
    });
  }
  const template = name || `${thumbnailName.slice(0, thumbnailName.indexOf('{'))}{key}/manifest.json`;
  return sub(`\${ThumbnailsBucket.Arn}/${template.replace('{key}', '*')}`);
};

const generate = ({
  sourceBucket, deletes, skips, emulated, manifestObjects, results, resultsTopic, engineObjects, sourceKey, thumbnailsKey,
  configObject, otherSources, otherThumbnails, tags, acl, kmsKeys,
}) => {
  const sources = together(objectsOf(sourceBucket), otherSources.map((name) => objectsOf(name)));
  const sourceBuckets = together(bucketOf(sourceBucket), otherSources.map(bucketOf));
  const thumbnails = together(sub('${ThumbnailsBucket.Arn}/*'), otherThumbnails.map((name) => objectsOf(name)));
  const thumbnailsBuckets = together(arn('ThumbnailsBucket'), otherThumbnails.map(bucketOf));
  return [
    allow('ReceiveBatches',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arn('SourceQueue')),
    allow('ReadSources', ['s3:GetObject', 's3:GetObjectVersion'], sources),
    // Without it S3 answers "denied" for an object that is gone, and its message
    // would be tried until it is a dead letter.
    allow('TellGoneFromDenied', ['s3:ListBucket'], sourceBuckets),
    allow('WriteThumbnails', ['s3:PutObject'], thumbnails),
    ...(tags ? [allow('ReadTags', ['s3:GetObjectTagging'], sources)] : []),
    ...(tags ? [allow('WriteTags', ['s3:PutObjectTagging'], thumbnails)] : []),
    ...(acl ? [allow('ShareThumbnails', ['s3:PutObjectAcl'], thumbnails)] : []),
    ...(skips || deletes ? [allow('LookAtThumbnails', ['s3:GetObject'], thumbnails)] : []),
    ...(skips || deletes ? [allow('ListThumbnails', ['s3:ListBucket'], thumbnailsBuckets)] : []),
    ...(deletes ? [allow('RemoveThumbnails', ['s3:DeleteObject'], thumbnails)] : []),
    // The manifest goes before its thumbnails change.
    ...(manifestObjects ? [allow('RemoveManifests', ['s3:DeleteObject'], manifestObjects)] : []),
    ...(engineObjects ? [allow('ReadEngines', ['s3:GetObject'], engineObjects)] : []),
    ...(configObject ? [allow('ReadConfiguration', ['s3:GetObject'], sub(`arn:\${AWS::Partition}:s3:::${configObject}`))] : []),
    // S3 asks KMS in the name of the reader or writer.
    ...(sourceKey ? [kms.use('DecryptSources', ['kms:Decrypt'], sourceKey)] : []),
    ...(thumbnailsKey ? [kms.use('EncryptThumbnails', ['kms:GenerateDataKey', 'kms:Decrypt'], thumbnailsKey)] : []),
    ...kmsKeys.map((key, index) =>
      kms.use(`EncryptByRule${index + 1}`, ['kms:GenerateDataKey', 'kms:Decrypt'], key)),
    ...(results ? [allow('TellResults', sending(emulated), arn('ResultsQueue'))] : []),
    ...(resultsTopic ? [allow('PublishResults', ['sns:Publish'], resultsTopic)] : []),
    // The function writes the reason into a dead letter.
    allow('SayWhyOnDeadLetters', sending(emulated), arn('DeadLetterQueue')),
  ];
};

const redrive = ({ emulated }) => [
  allow('TakeDeadLetters',
    ['sqs:ReceiveMessage', ...deleting(emulated), 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility',
      'sqs:StartMessageMoveTask', 'sqs:ListMessageMoveTasks', 'sqs:CancelMessageMoveTask'],
    arn('DeadLetterQueue')),
  allow('SendThemBack', [...sending(emulated), 'sqs:GetQueueAttributes'], arn('SourceQueue')),
];

const role = (name, statements) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{
      PolicyName: name,
      PolicyDocument: { Version: '2012-10-17', Statement: [...statements, logs(name)] },
    }],
  },
});

module.exports = async ({ resolveVariable }) => {
  const parameter = (name) => resolveVariable(`param:${name}`);
  const name = await resolveVariable('self:custom.name');
  const file = await config(resolveVariable);
  const wishes = {
    sourceBucket: await resolveVariable('self:custom.sourceBucket'),
    configObject: file.object,
    otherSources: file.sourceBuckets,
    otherThumbnails: file.thumbnailsBuckets,
    tags: file.tags,
    acl: file.acl,
    kmsKeys: file.kmsKeys,
    deletes: (await parameter('propagateDeletes')) === 'yes',
    emulated: (await resolveVariable('sls:stage')) === 'local',
    skips: (await parameter('skipExisting')) === 'yes',
    sourceKey: kms.key('sourceKey', await resolveVariable('param:sourceKey, ""')),
    thumbnailsKey: kms.key('thumbnailsKey', await resolveVariable('param:thumbnailsKey, ""')),
    results: (await parameter('queueResults')) === 'yes',
    resultsTopic: topic(await parameter('resultsTopic')),
    engineObjects: engines(await parameter('engineStore')),
    manifestObjects: manifests(
      await parameter('manifests'), await parameter('manifestName'), await parameter('thumbnailName'), file.manifests),
  };
  return {
    Resources: {
      GenerateThumbnailsRole: role(`${name}-generate-thumbnails`, generate(wishes)),
      RedriveRole: role(`${name}-redrive-dlq`, redrive(wishes)),
    },
  };
};
