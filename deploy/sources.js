// The source bucket: one of the stack, or one that exists already. Included by
// serverless.yml.
'use strict';

const config = require('./config.js');
const kms = require('./keys.js');

const words = (text) => String(text ?? '').split(',').map((word) => word.trim()).filter(Boolean);
const sub = (text) => ({ 'Fn::Sub': text });
const arn = (logicalId) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

const statement = (Sid, service, condition) => ({
  Sid,
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sqs:SendMessage',
  Resource: arn('SourceQueue'),
  Condition: condition,
});

// A queue has one policy.
const mayBeSentBy = (service, condition, wishes) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: 'SourceQueue' }],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        statement('EventsOfTheSourceBucket', service, condition),
        ...(wishes.others.length
          ? [statement('EventsOfOtherBuckets', 'events.amazonaws.com', {
            ArnEquals: { 'aws:SourceArn': arn('OtherSourcesRule') },
          })]
          : []),
      ],
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
  }, wishes),
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
const rule = (Description, names, wishes) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Description,
    EventPattern: {
      source: ['aws.s3'],
      'detail-type': ['Object Created', ...(wishes.deletes ? ['Object Deleted'] : [])],
      detail: {
        bucket: { name: names },
        ...(keys(wishes).length ? { object: { key: keys(wishes) } } : {}),
      },
    },
    Targets: [{ Id: 'source-queue', Arn: arn('SourceQueue') }],
  },
});

const existingBucket = (name, wishes) => ({
  SourceRule: rule('sends events of the source bucket to the source queue', [name], wishes),
  SourceQueuePolicy: mayBeSentBy('events.amazonaws.com', {
    ArnEquals: { 'aws:SourceArn': arn('SourceRule') },
  }, wishes),
});

// Buckets that rules of the configuration file name: they exist, and send events to
// EventBridge.
const otherBuckets = (wishes) => (wishes.others.length
  ? { OtherSourcesRule: rule('sends events of buckets of the configuration file to the source queue', wishes.others, wishes) }
  : {});

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
  const { sourceBuckets } = await config(resolveVariable);
  wishes.others = sourceBuckets;
  const first = existing ? existingBucket(name, wishes) : ownBucket(name, wishes);
  return { Resources: { ...first, ...otherBuckets(wishes) } };
};
