// The source bucket: one of the stack, or one that exists already. Included by
// serverless.yml.
'use strict';

const kms = require('./keys.js');

const words = (text) => String(text ?? '').split(',').map((word) => word.trim()).filter(Boolean);
const sub = (text) => ({ 'Fn::Sub': text });
const arn = (logicalId) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const mayBeSentBy = (service, condition) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: 'SourceQueue' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{
        Sid: 'EventsOfTheSourceBucket',
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sqs:SendMessage',
        Resource: arn('SourceQueue'),
        Condition: condition,
      }],
    },
  },
});

// One rule for each pair of prefix and suffix, because S3 takes one of each in a
// rule. It refuses rules for one event that overlap: no key may match two.
const notifications = ({ prefixes, suffixes, events }) => {
  const filters = (prefixes.length ? prefixes : ['']).flatMap((prefix) =>
    (suffixes.length ? suffixes : ['']).map((suffix) => [
      ...(prefix ? [{ Name: 'prefix', Value: prefix }] : []),
      ...(suffix ? [{ Name: 'suffix', Value: suffix }] : []),
    ]));
  return events.flatMap((Event) =>
    filters.map((rules) => ({
      Event,
      Queue: arn('SourceQueue'),
      ...(rules.length ? { Filter: { S3Key: { Rules: rules } } } : {}),
    })));
};

// S3 checks the policy of the queue when it creates the bucket. So the policy comes
// first, and refers to the bucket by its name.
const ownBucket = (name, wishes) => ({
  SourceQueuePolicy: mayBeSentBy('s3.amazonaws.com', {
    ArnEquals: { 'aws:SourceArn': sub(`arn:\${AWS::Partition}:s3:::${name}`) },
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
  }),
  SourceBucket: {
    Type: 'AWS::S3::Bucket',
    DependsOn: 'SourceQueuePolicy',
    Properties: {
      BucketName: sub(name),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
      },
      BucketEncryption: kms.encryption(wishes.key),
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      LifecycleConfiguration: {
        Rules: [{
          Id: 'uploads-that-were-given-up',
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        }],
      },
      NotificationConfiguration: { QueueConfigurations: notifications(wishes) },
    },
  },
});

// EventBridge compares a key with each pattern of a list. A prefix together with a
// suffix needs a wildcard pattern, with the special characters escaped.
const escaped = (text) => text.replace(/[\\*]/g, '\\$&');
const keys = ({ prefixes, suffixes }) => {
  if (!suffixes.length) return prefixes.map((prefix) => ({ prefix }));
  if (!prefixes.length) return suffixes.map((suffix) => ({ suffix }));
  return prefixes.flatMap((prefix) =>
    suffixes.map((suffix) => ({ wildcard: `${escaped(prefix)}*${escaped(suffix)}` })));
};

// Events come by EventBridge: the notifications of a bucket are one document, and
// writing it would remove notifications of others.
const existingBucket = (name, wishes) => ({
  SourceRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Description: 'sends events of the source bucket to the source queue',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created', ...(wishes.deletes ? ['Object Deleted'] : [])],
        detail: {
          bucket: { name: [name] },
          ...(keys(wishes).length ? { object: { key: keys(wishes) } } : {}),
        },
      },
      Targets: [{ Id: 'source-queue', Arn: arn('SourceQueue') }],
    },
  },
  SourceQueuePolicy: mayBeSentBy('events.amazonaws.com', {
    ArnEquals: { 'aws:SourceArn': arn('SourceRule') },
  }),
});

module.exports = async ({ resolveVariable }) => {
  const deletes = (await resolveVariable('param:propagateDeletes')) === 'yes';
  const wishes = {
    prefixes: words(await resolveVariable('param:keyPrefixes')),
    suffixes: words(await resolveVariable('param:keySuffixes')),
    deletes,
    key: kms.key('sourceKey', await resolveVariable('param:sourceKey, ""')),
    events: ['s3:ObjectCreated:*', ...(deletes ? ['s3:ObjectRemoved:*', 's3:LifecycleExpiration:*'] : [])],
  };
  const existing = await resolveVariable('param:existingBucket, ""');
  const name = await resolveVariable('self:custom.sourceBucket');
  return { Resources: existing ? existingBucket(name, wishes) : ownBucket(name, wishes) };
};
