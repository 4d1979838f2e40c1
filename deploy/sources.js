// Where sources come from: a bucket of the stack's own, or one that is there
// already. serverless.yml asks for it.
'use strict';

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

// A rule for each prefix and suffix, because S3 takes one of each a rule. It
// refuses rules of one event that overlap: no key may meet two.
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

// S3 checks the policy of the queue when it makes the bucket, so the policy
// comes first and knows the name of the bucket, not the bucket.
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
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
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

// EventBridge holds a key against each of a list; a prefix and a suffix together
// need a wildcard, whose own signs are escaped.
const escaped = (text) => text.replace(/[\\*]/g, '\\$&');
const keys = ({ prefixes, suffixes }) => {
  if (!suffixes.length) return prefixes.map((prefix) => ({ prefix }));
  if (!prefixes.length) return suffixes.map((suffix) => ({ suffix }));
  return prefixes.flatMap((prefix) =>
    suffixes.map((suffix) => ({ wildcard: `${escaped(prefix)}*${escaped(suffix)}` })));
};

// Events come by EventBridge: the notifications of a bucket are one document,
// and writing it would remove those of others.
const existingBucket = (name, wishes) => ({
  SourceRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      Description: 'tells the source queue what happens in the source bucket',
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
    events: ['s3:ObjectCreated:*', ...(deletes ? ['s3:ObjectRemoved:*', 's3:LifecycleExpiration:*'] : [])],
  };
  const existing = await resolveVariable('param:existingBucket, ""');
  const name = await resolveVariable('self:custom.sourceBucket');
  return { Resources: existing ? existingBucket(name, wishes) : ownBucket(name, wishes) };
};
