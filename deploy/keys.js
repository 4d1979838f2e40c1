// The keys that buckets are encrypted with: S3's own, or those of KMS that a
// parameter names. serverless.yml includes the bucket of the thumbnails; roles.js
// and sources.js use the rest.
'use strict';

const sub = (text) => ({ 'Fn::Sub': text });

// The ARN that a parameter holds, or null. An alias is no resource of a policy.
const key = (parameter, arn) => {
  if (arn && !/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/.test(arn)) {
    throw new Error(`${parameter} is the ARN of a key of KMS, arn:aws:kms:REGION:ACCOUNT:key/ID, not: ${arn}`);
  }
  return arn || null;
};

// A key for each bucket saves a call of KMS for nearly every object.
const encryption = (arn) => ({
  ServerSideEncryptionConfiguration: [
    arn
      ? { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn }, BucketKeyEnabled: true }
      : { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
  ],
});

// The permission to use a key: through S3, and through nothing else.
const use = (Sid, Action, arn) => ({
  Sid, Effect: 'Allow', Action, Resource: arn,
  Condition: { StringEquals: { 'kms:ViaService': sub('s3.${AWS::Region}.${AWS::URLSuffix}') } },
});

module.exports = async ({ resolveVariable }) => ({
  Resources: {
    ThumbnailsBucket: {
      Properties: {
        BucketEncryption: encryption(key('thumbnailsKey', await resolveVariable('param:thumbnailsKey, ""'))),
      },
    },
  },
});
Object.assign(module.exports, { key, encryption, use });
